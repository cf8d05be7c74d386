// Imports `with { type: 'text' }`: the text of the file.
declare module '*/style.css' {
  const text: string
  export default text
}

declare module '*/swagger-ui.css' {
  const text: string
  export default text
}

declare module '*.md' {
  const text: string
  export default text
}

// Imports `with { type: 'file' }`: the path of the file.
declare module 'swagger-ui-dist/*' {
  const path: string
  export default path
}
