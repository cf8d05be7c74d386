// What `with { type: 'text' }` imports: the text of the file.
declare module '*/style.css' {
  const text: string
  export default text
}

declare module '*/swagger-ui.css' {
  const text: string
  export default text
}

// What `with { type: 'file' }` imports: the path of the file.
declare module 'swagger-ui-dist/*' {
  const path: string
  export default path
}
