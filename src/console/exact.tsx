const unseen = /([\p{Cc}\p{Cf}\p{Zl}\p{Zp}])/u

/** A code or a requestor, where every character counts: what has no look of its own, or turns others around, shows by its number. */
export function Exact({ children, code }: { children: string; code?: true }) {
  return (
    <bdi class={code ? 'exact code' : 'exact'}>
      {/* Split by a group, every second part is what it caught. */}
      {children
        .split(unseen)
        .map((part, n) => (n % 2 === 1 ? <mark>{numberOf(part)}</mark> : part))}
    </bdi>
  )
}

const numberOf = (character: string) =>
  `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`
