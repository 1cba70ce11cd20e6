import { t } from "../shared/words.ts";
import type { View } from "./mount.ts";
import { personCard } from "./person.ts";
import { picker } from "./picker.ts";
import { sharedCodes } from "./shared-codes.ts";

/** Find or register residents, and open one: cards, codes, passes, corrections, leaving, the way to their own page. */
export const residents: View = (place, role) => {
  place.replaceChildren(
    picker({
      register: true,
      openWord: t("widgets.look"),
      purpose: "desk-request",
      open: ({ id }, inside) => personCard(id, role, inside),
    }),
    sharedCodes(),
  );
  return () => undefined;
};
