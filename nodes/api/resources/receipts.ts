import { toPaper } from "../../../core/consent/paper.ts";
import { Closed, Type } from "../../../core/schema.ts";
import { qrCode } from "../qr.ts";
import { route } from "../route.ts";

/** Characters a QR code of the largest kind holds beside its repair bytes (version 40, level L). */
const mostInCode = 2953;

export const receipts = [
  route({
    method: "post",
    path: "/receipts/paper",
    summary:
      "A signed receipt as a QR code for paper. Keeps nothing; `limen verify` checks the text read from it.",
    roles: "public", // whoever was erased prints theirs too,
    body: Closed({ receipt: Type.String({ minLength: 2, maxLength: 60_000 }) }),
    answer: Closed({
      text: Type.String({ description: "what the QR code says" }),
      qr: Type.Optional(
        Type.String({ description: "SVG; absent when the receipt is too long for one code" }),
      ),
    }),
    async handle({ body }) {
      const text = toPaper(body.receipt);
      return text.length > mostInCode ? { text } : { text, qr: await qrCode(text, "L") };
    },
  }),
];
