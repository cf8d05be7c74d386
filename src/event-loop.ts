/** Resolves in a later turn of the event loop: until then, whatever has arrived is handled first. */
export const yieldToEventLoop = () => new Promise(setImmediate)
