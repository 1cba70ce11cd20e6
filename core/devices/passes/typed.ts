/** Digits a person types in place of scanning: eleven random ones and a check digit. */
const digitsOf = 11;

/**
 * The check digit of ISO/IEC 7812 (Luhn): finds every single wrong digit and nearly every swapped pair, so that a slip of
 * the finger is told from a guess.
 */
function luhn(digits: string): number {
  let sum = 0;
  [...digits].reverse().forEach((digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return (10 - (sum % 10)) % 10;
}

/**
 * A code for a pass that can be read out over the telephone: 12 digits, 10^11 of them, so that at ten guesses a minute
 * one of a thousand passes is hit once in nineteen years.
 * @param below a fair random whole number from 0 to below its argument (`crypto.randomInt`)
 */
export function typedCode(below: (limit: number) => number): string {
  const digits = Array.from({ length: digitsOf }, () => below(10)).join("");
  return `${digits}${luhn(digits)}`;
}

/** The code without the spaces and dashes people put in; undefined when it can be none. */
export function readTypedCode(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, "");
  if (!/^\d{12}$/.test(digits)) return undefined;
  return luhn(digits.slice(0, digitsOf)) === Number(digits[digitsOf]) ? digits : undefined;
}
