/** Whether a URL is that of a file; if not, it is that of a libSQL server. */
export const isFile = (url: string) => url.startsWith('file:')
