export type Route = { method: string; path: string }

/** The methods that a path answers to, sorted; none when no route has it. GET brings HEAD along. */
export function allowedMethods(routes: readonly Route[], path: string): string[] {
  const methods = new Set(
    routes.filter((route) => pattern(route.path).test(path)).map(({ method }) => method),
  )
  if (methods.has('GET')) methods.add('HEAD')
  return [...methods].sort()
}

const pattern = (path: string) => new RegExp(`^${path.replaceAll(/:[^/]+/g, '[^/]+')}$`)
