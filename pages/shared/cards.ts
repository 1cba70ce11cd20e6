/** How a card's number may be typed, by the desk that gives it and by whoever has it: notations of the API, the commonest first. */
export const cardNotations = ["8H10D", "6H8D", "WG26", "WG37", "10H", "SITE"] as const;
