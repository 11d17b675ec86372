/** The account that n8n is linked to: it calls. Digits, as WhatsApp writes them. */
export const OWN_NUMBER = '4915112345678';
/** The phone that the page shows: it rings. */
export const THEIR_NUMBER = '5511999999999';
/** The same as people write it. */
export const THEIR_NUMBER_WRITTEN = '+55 11 99999-9999';
/** How long the phone rings before it answers by itself. */
export const ANSWERS_AFTER_SECONDS = 3;
