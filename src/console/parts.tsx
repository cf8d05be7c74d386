import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

type Children = { children: ComponentChildren }

/** The bar on top of every page behind the sign-in. */
export function Bar({ children, onSignOut }: Children & { onSignOut: () => void }) {
  return (
    <header class="bar">
      <span class="brand">zaas</span>
      <nav>
        {children}
        <button type="button" class="quiet" onClick={onSignOut}>
          Sign out
        </button>
      </nav>
    </header>
  )
}

/** The heading of a page, and its name. It takes the focus when the page appears, so that it is read out. */
export function Title({ children }: { children: string }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    document.title = `${children} – zaas`
    heading.current?.focus()
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}

type ChoiceProps<Value extends string> = {
  legend: string
  options: Record<Value, string>
  chosen: Value
  onChoose: (value: Value) => void
}

/** One of a few, side by side. */
export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { legend, options, chosen, onChoose } = props
  return (
    <fieldset class="choice">
      <legend class="unseen">{legend}</legend>
      {(Object.keys(options) as Value[]).map((value) => (
        <label key={value}>
          <input
            type="radio"
            name={legend}
            checked={chosen === value}
            onChange={() => onChoose(value)}
          />
          <span>{options[value]}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** What went wrong, read out as it appears. */
export function Fault({ children }: Children) {
  return children ? (
    <p class="fault" role="alert">
      {children}
    </p>
  ) : null
}

/** A part of a page under its own heading. */
export function Card({ title, children, ...rest }: Children & { title: string; class?: string }) {
  return (
    <section class={`card ${rest.class ?? ''}`} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

type PagesProps = {
  cursor: string | undefined
  next: string | null | undefined
  onTurn: (to?: string) => void
}

/** Leads through the pages of a list; there is nothing to press when it has one. */
export function Pages({ cursor, next, onTurn }: PagesProps) {
  const button = (text: string, to?: string) => (
    <button type="button" onClick={() => onTurn(to)}>
      {text}
    </button>
  )
  return (
    <div class="buttons">
      {cursor && button('First page')}
      {next && button('Next page', next)}
    </div>
  )
}

/** A time, whole for whoever asks. */
export function Moment({ at, text }: { at: string; text: string }) {
  return (
    <time dateTime={at} title={at}>
      {text}
    </time>
  )
}
