import { writeSync } from "node:fs";
import { sunFile, urlIn } from "../../core/devices/cards/ntag424/ndef.ts";
import { handClock } from "../core/hand-clock.ts";
import { openPeople } from "../core/people/site.ts";
import { Ntag424Card } from "../device/chips/ntag424.ts";

// A card that signs its URL, read again and again; says on its standard output each URL that was taken, after it was.

export type Taken = { url: string };

/** What a telephone reads of it. */
function read(card: Ntag424Card): string {
  card.reset();
  card.transceive(Buffer.from("00a4040c07d276000085010100", "hex"));
  card.transceive(Buffer.from("00a4000c02e104", "hex"));
  return urlIn(card.transceive(Buffer.from("00b0000060", "hex"))!)!;
}

function work(folder: string, weaken: boolean): void {
  const site = openPeople(handClock(), folder);
  if (weaken) site.db.exec("PRAGMA synchronous=NORMAL");
  site.ledger.exec("CREATE TABLE other (n INTEGER) STRICT"); // the same disk has other work
  const person = site.persons.create({ name: "Somebody" });
  const card = new Ntag424Card();
  const order = { person, sun: true, byNumber: false };
  const { content, picc, mac } = sunFile();
  card.keys = [...site.strongCards.begin(card.number, order).keys];
  card.sdm = { meta: 2, file: 3, picc, mac };
  content.copy(card.file);
  site.strongCards.issue(card.number, order, 0);
  for (let round = 0; round < 160; round++) {
    const url = read(card);
    if ("code" in site.strongCards.findSun(url)) throw new Error("a fresh URL was refused");
    site.ledger.exec("INSERT INTO other VALUES (1)");
    writeSync(1, `${JSON.stringify({ url } satisfies Taken)}\n`);
  }
  site.close();
}

if (import.meta.main) work(process.argv[2]!, process.argv[3] === "weaken");
