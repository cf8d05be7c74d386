export type Route = { method: string; path: string }

/** Finds the methods of a path, sorted: none if no route has it. GET implies HEAD. */
export type MethodFinder = (path: string) => string[]

export function methodFinder(routes: readonly Route[]): MethodFinder {
  const patterns = routes.map(({ method, path }) => ({ method, pattern: patternOf(path) }))
  return (path) => {
    const methods = new Set(
      patterns.flatMap(({ method, pattern }) => (pattern.test(path) ? method : [])),
    )
    if (methods.has('GET')) methods.add('HEAD')
    return [...methods].sort()
  }
}

const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/:[^/]+/g, '[^/]+')}$`)
