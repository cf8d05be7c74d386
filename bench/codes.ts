/** New items, random as real codes are. */
export const makeCodes = (howMany: number): string[] =>
  Array.from({ length: howMany }, () => crypto.getRandomValues(Buffer.alloc(8)).toString('hex'))
