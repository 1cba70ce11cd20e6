import type { DatabaseSync } from "node:sqlite";
import type { AuditLog } from "../core/audit/types.ts";
import type { Clock } from "../core/clock.ts";
import type { KnownCalibration } from "../core/faces/threshold.ts";
import type { Migration } from "../core/store/migrate.ts";

export const yardstickMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "calibration on record",
    sql: "CREATE TABLE face_calibration (sha256 TEXT NOT NULL, exact INTEGER NOT NULL) STRICT",
  },
];

/**
 * Puts on record by which calibration faces are judged. The file decides how easily a face opens, and whoever can write the
 * program's folder can change it without a deploy: so a start with another one is a configuration entry in the log.
 */
export class Yardstick {
  readonly #db: DatabaseSync;
  readonly #log: Pick<AuditLog, "appendWith">;
  readonly #clock: Clock;

  /** @param deps `db`: `ledger.db`, with `yardstickMigrations` */
  constructor(deps: { db: DatabaseSync; log: Pick<AuditLog, "appendWith">; clock: Clock }) {
    this.#db = deps.db;
    this.#log = deps.log;
    this.#clock = deps.clock;
  }

  /** Records it when it is not the one that was recorded last. @throws LimenError `log-failed` */
  note(calibration: KnownCalibration | undefined): void {
    const sha256 = calibration?.hash ?? "";
    const exact = calibration?.exact ? 1 : 0;
    const last = this.#db.prepare("SELECT sha256, exact FROM face_calibration").get();
    if (last ? last.sha256 === sha256 && last.exact === exact : !calibration) return;
    const at = this.#clock.now();
    const fields = {
      at: at.toISOString(),
      what: "face-calibration",
      sha256: calibration ? sha256 : "none",
      ...(calibration
        ? { model: calibration.model, measured: calibration.date, exact: String(calibration.exact) }
        : {}),
    };
    this.#log.appendWith([{ class: "configuration", at, fields }], () => {
      this.#db.exec("DELETE FROM face_calibration");
      this.#db.prepare("INSERT INTO face_calibration VALUES (?, ?)").run(sha256, exact);
    });
  }
}
