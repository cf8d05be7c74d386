import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

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

/** The heading of a page. It takes the focus when the page appears, so that it is read out. */
export function Title({ children }: Children) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
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

/** A time, whole for whoever asks. */
export function Moment({ at, text }: { at: string; text: string }) {
  return (
    <time dateTime={at} title={at}>
      {text}
    </time>
  )
}
