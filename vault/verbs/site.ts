import { viewOf } from "../../core/entry/book.ts";
import { LimenError } from "../../core/errors.ts";
import type { Handlers } from "../handlers.ts";
import { endUnwatched } from "../not-watched.ts";
import type { Services } from "../services.ts";
import { isLawful, secondPerson } from "../site.ts";

/** What the flow declares, and how the vault is. */
export const siteVerbs = ({
  alarms,
  book,
  broadcast,
  changes,
  cameras,
  clock,
  faces,
  log,
  idle,
  papers,
  records,
  keys,
  consents,
  leaves,
  readers,
  registers,
  site,
}: Services): Pick<Handlers, "configure" | "health" | "frame" | "attempt" | "ping"> => ({
  async configure(request) {
    const changed = request.flow.hash !== site.flowHash;
    // only what a second person agreed to, where the last flow asked for one (RD-50)
    const { hash, findings } = request.flow;
    const twoPersons = request.site.twoPersons ?? false;
    if (!changes.admits({ hash, twoPersons, lawful: isLawful(findings) }))
      findings.push({ rule: secondPerson, node: "" });
    site.configure(request);
    leaves.anew();
    readers.anew();
    cameras.configure(request.cameras);
    if (request.flow.record) records.put(request.flow.hash, request.flow.record);
    papers.settle();
    idle.sweep();
    consents.publish(site.noticesWith(registers.processors.list()));
    if (changed) {
      const at = clock.now();
      await log.append({
        class: "configuration",
        at,
        fields: {
          at: at.toISOString(),
          flow: request.flow.hash,
          doors: request.doors.length,
          findings: request.flow.findings.map(({ rule }) => rule).join(" "),
        },
      });
    }
    await endUnwatched({ alarms, broadcast, clock, log, readers }, request);
    return { faceArmed: request.doors.some((door) => site.faceArmed(door)), relaysArmed: site.relaysArmed };
  },

  health() {
    const face =
      site.configured && site.doors.some((door) => door.ways.includes("face") && site.faceArmed(door));
    const cameraStates = cameras.states();
    const sick = !site.configured || !site.relaysArmed || (face && !faces.ready);
    return {
      status: sick ? "degraded" : "ok",
      ...(site.configured ? { site: site.config.id } : {}),
      log: { size: log.size, origin: log.origin, vkey: log.vkey },
      keys: { generation: keys.generation, store: keys.store },
      faces: {
        ready: faces.ready,
        missing: [...faces.missing],
        ...(faces.progress === undefined ? {} : { progress: faces.progress }),
        ...(faces.problem === undefined ? {} : { problem: faces.problem }),
        enrolled: faces.enrolled,
        pack: faces.pack,
        outdated: faces.outdated,
      },
      cameras: cameraStates,
      readers: readers
        .at(site.configured ? site.doors.map(({ id }) => id) : [])
        .map(({ door, name, alive }) => ({ door, name, alive })),
      armed: { face, relays: site.configured && site.relaysArmed },
      ...(site.off && { off: site.off }),
    };
  },

  frame({ camera }, { blobs }) {
    const [picture, ...more] = blobs;
    if (!picture || more.length > 0) throw new LimenError("frames-missing", { field: "/frame" });
    const wanted = cameras.push(camera, picture);
    const [ask, hint] = [cameras.asked(camera), cameras.hinted(camera)];
    return { wanted, ...(ask === undefined ? {} : { ask }), ...(hint === undefined ? {} : { hint }) };
  },

  attempt: ({ id }) => {
    const { ticket: _, ...told } = viewOf(book.get(id)); // asking again is no way to a ticket
    return told;
  },

  ping: () => ({ generation: keys.generation }),
});
