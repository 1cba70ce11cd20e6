const place = "limen-receipt";

/**
 * Opens a signed receipt as a page to print. It goes by the new tab's own memory, which is gone with the tab: never by
 * the address.
 */
export function openReceipt(receipt: string): void {
  sessionStorage.setItem(place, receipt);
  window.open("/receipt"); // begins with a copy of this tab's memory
  sessionStorage.removeItem(place);
}

/** The receipt this tab was opened with. */
export const openedReceipt = (): string | undefined => sessionStorage.getItem(place) ?? undefined;
