// The headings that are known to mean items.

/**
 * The headings that say that a column, or a text, holds items, as people write them; docs/imports.md lists
 * them. Case, accents, spaces and signs make no difference: see `normalizeHeading`.
 */
export const itemHeadings: Record<string, readonly string[]> = {
  English: [
    ...['item', 'items', 'item code', 'code', 'codes', 'unique code', 'access code'],
    ...['coupon', 'coupons', 'coupon code', 'coupon codes', 'coupon number', 'promo', 'promo code'],
    ...['promo codes', 'promotion code', 'promotional code', 'discount code', 'discount codes'],
    ...['voucher', 'vouchers', 'voucher code', 'voucher codes', 'voucher number', 'gift card'],
    ...['gift cards', 'gift code', 'gift card code', 'gift card number', 'redeem code'],
    ...['redemption code', 'activation code', 'activation key', 'invite code', 'invitation code'],
    ...['referral code', 'licence', 'license', 'licences', 'licenses', 'licence code'],
    ...['license code', 'licence key', 'license key', 'licence keys', 'license keys'],
    ...['licence number', 'license number', 'key', 'keys', 'product key', 'cd key', 'game key'],
    ...['steam key', 'serial', 'serials', 'serial no', 'serial number', 'serial numbers'],
    ...['serial key', 'ticket', 'tickets', 'ticket code', 'ticket no', 'ticket number'],
    ...['link', 'links', 'url', 'urls', 'download link', 'download url'],
  ],
  German: [
    ...['Gutschein', 'Gutscheine', 'Gutscheincode', 'Gutscheincodes', 'Gutscheinnummer'],
    ...['Gutschein-Nr', 'Rabattcode', 'Rabattcodes', 'Aktionscode', 'Aktivierungscode', 'Lizenz'],
    ...['Lizenzen', 'Lizenzcode', 'Lizenzschlüssel', 'Schlüssel', 'Seriennummer', 'Ticketnummer'],
  ],
  French: [
    ...['code promo', 'codes promo', 'code cadeau', 'code de réduction', 'code coupon', 'bon'],
    ...['bon de réduction', 'clé', 'clé de licence', 'numéro de série', 'billet', 'lien'],
  ],
  'Spanish and Portuguese': [
    ...['código', 'códigos', 'código promocional', 'código de descuento', 'código de desconto'],
    ...['cupón', 'cupones', 'cupom', 'cupons', 'clave', 'licencia', 'licença', 'chave', 'enlace'],
    ...['número de serie', 'bilhete'],
  ],
  Italian: ['codice', 'codici', 'codice sconto', 'codice promozionale', 'buono', 'licenza'],
  Dutch: ['kortingscode', 'waardebon', 'licentie', 'licentiesleutel', 'serienummer'],
  Polish: ['kod', 'kody', 'kod rabatowy', 'kupon', 'kupony', 'bilet', 'klucz', 'numer seryjny'],
  Russian: ['код', 'коды', 'промокод', 'промокоды', 'купон', 'купоны', 'ваучер', 'ключ', 'билет'],
  Chinese: ['兑换码', '优惠码', '激活码', '券码', '卡密', '序列号', '兌換碼', '優惠碼', '序號'],
  Japanese: [
    'コード',
    'クーポン',
    'クーポンコード',
    'シリアル',
    'シリアルコード',
    'ライセンスキー',
  ],
  Korean: ['코드', '쿠폰', '쿠폰 코드', '쿠폰번호', '시리얼', '라이선스 키'],
}

const known = new Set(Object.values(itemHeadings).flat().map(normalizeHeading))

export const isItemHeading = (cell: string) => known.has(normalizeHeading(cell))

/** What an export has of a match, and what nobody's import may lose in silence. */
export const isRequestorHeading = (cell: string) => normalizeHeading(cell) === 'requestor'

/** A heading without what people write in different ways: case, accents, white space and signs. */
export function normalizeHeading(cell: string): string {
  return cell
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()
}

/** What texts of one kind have in common: `SUMMER-A1` and `B-22` are `A-A9` and `A-9`. */
export const patternOf = (text: string) => text.replace(/\p{L}+/gu, 'A').replace(/\p{N}+/gu, '9')
