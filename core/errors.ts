/**
 * An error a person may see. The code names a sentence in every language (`core/words`) and a problem type in the API;
 * the message is for logs and never holds a name, a number or a key.
 */
export class LimenError extends Error {
  readonly code: string;
  /** The field at fault, as a JSON pointer (`/number`), where there is one. */
  readonly field: string | undefined;
  /** Values for the sentence's placeholders: numbers and fixed words only, never personal data. */
  readonly params: Readonly<Record<string, string | number>>;
  /** HTTP status when the API answers with it. */
  readonly status: number;

  constructor(
    code: string,
    options: {
      field?: string;
      params?: Record<string, string | number>;
      status?: number;
      message?: string;
      cause?: unknown;
    } = {},
  ) {
    super(options.message ?? code, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "LimenError";
    this.code = code;
    this.field = options.field;
    this.params = options.params ?? {};
    this.status = options.status ?? 400;
  }
}

/** The code of any thrown thing, for status lines and records: a LimenError's own, else `internal`. */
export const errorCode = (error: unknown): string => (error instanceof LimenError ? error.code : "internal");
