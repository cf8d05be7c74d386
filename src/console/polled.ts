import { useEffect, useRef, useState } from 'preact/hooks'
import { messageOf } from './problem.ts'

/** The latest that could be loaded, and why it is not newer. */
export type Polled<Value> = { value?: Value; fault?: string }

/**
 * Loads now, again `everyMs` after each answer while the tab can be seen, and when `load` is another one
 * than before. `reload` loads at once.
 */
export function usePolled<Value>(load: () => Promise<Value>, everyMs: number) {
  const [polled, setPolled] = useState<Polled<Value>>({})
  const again = useRef(() => {})
  useEffect(() => {
    let [left, turn, timer] = [false, 0, 0]
    const run = async () => {
      clearTimeout(timer)
      if (document.hidden) return
      const mine = ++turn
      const outcome = await load().then(
        (value) => ({ value }),
        (error) => ({ fault: messageOf(error) }),
      )
      // An answer that was overtaken by a later question tells what was.
      if (left || mine !== turn) return
      setPolled((before) => ({ ...('fault' in outcome && before), ...outcome }))
      timer = setTimeout(run, everyMs)
    }
    const runNow = () => void run()
    again.current = runNow
    document.addEventListener('visibilitychange', runNow)
    runNow()
    return () => {
      left = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', runNow)
    }
  }, [load, everyMs])
  return { ...polled, reload: () => again.current() }
}
