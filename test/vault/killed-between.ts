import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

// Loaded before the vault by a test: where a file `kill-between` lies beside the databases, the process ends as if by the
// kernel's hand right after the next commit of faces.db, before ledger.db has the record.

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql: string): void {
  exec.call(this, sql);
  if (sql !== "COMMIT") return;
  const path = this.location() ?? "";
  const armed = join(dirname(path), "kill-between");
  if (!path.endsWith("faces.db") || !existsSync(armed)) return;
  rmSync(armed);
  process.kill(process.pid, "SIGKILL");
};
