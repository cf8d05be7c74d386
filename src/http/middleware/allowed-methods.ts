export type Route = { method: string; path: string }

/**
 * Finds the methods that a path answers to, sorted; none when no route has it. GET brings HEAD along.
 */
export function methodFinder(routes: readonly Route[]): (path: string) => string[] {
  const forms = routes.map(({ method, path }) => ({ method, form: pattern(path) }))
  return (path) => {
    const methods = new Set(forms.flatMap(({ method, form }) => (form.test(path) ? method : [])))
    if (methods.has('GET')) methods.add('HEAD')
    return [...methods].sort()
  }
}

const pattern = (path: string) => new RegExp(`^${path.replaceAll(/:[^/]+/g, '[^/]+')}$`)
