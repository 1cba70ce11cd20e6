import { ageBands } from "../../core/faces/tally.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, DateTime, Day, Id, verb } from "./common.ts";

export const Rate = Closed(
  {
    share: Type.Number({ description: "0 to 1" }),
    low: Type.Number({ description: "95 % bounds" }),
    high: Type.Number(),
    n: Type.Integer({ description: "of how many" }),
  },
  { title: "Rate" },
);

const Reason = Closed({ code: Type.String(), n: Type.Integer() });
const Bounds = Type.Tuple([Type.Number(), Type.Number()]);

/** What the calibration that came with the model says of one threshold. */
const Expected = Closed({
  /** Share of looks of strangers that may find somebody. */
  risk: Type.Number(),
  threshold: Type.Number({ description: "cosine" }),
  /** Group the threshold comes from: the strictest that was measured. */
  group: Type.String(),
  /** False: rarer than the calibration's pairs can show; an extrapolation. */
  measured: Type.Boolean(),
  /** The rarest risk that was measured for a gallery of this size. */
  leastRisk: Type.Number(),
  falseMatch: Type.Optional(Rate),
  groups: Type.Array(
    Closed({ group: Type.String(), people: Type.Integer(), one: Rate, three: Type.Optional(Rate) }),
  ),
});

const Operation = Closed({
  looks: Type.Integer(),
  refused: Rate,
  notAcquired: Rate,
  notLive: Rate,
  reasons: Type.Array(Reason),
  again: Type.Integer(),
  againGranted: Type.Integer(),
  otherWay: Type.Integer(),
});

/** Tries that the camera, the models or the box spoiled: in no rate of faces. Absent: fewer than five. */
const Technical = Closed({ n: Type.Integer(), reasons: Type.Array(Reason) });

const of = OneOf(["picture", "look"]);

export const accuracyVerbs = {
  /** What faces err at this site: as the models were measured, and as counted in operation (RD-35, RD-36). Names nobody. */
  "accuracy.read": verb(
    Closed({ auth: Auth, days: Type.Integer({ default: 30, minimum: 1, maximum: 400 }) }),
    Closed({
      from: DateTime,
      to: DateTime,
      /** Absent: no calibration of these weights. */
      calibration: Type.Optional(
        Closed({
          model: Type.String(),
          /** False: measured with other models around the same embedder. */
          exact: Type.Boolean(),
          /** Of the file; a change of it is a configuration entry in the log. */
          sha256: Type.String(),
          date: Day,
          data: Type.String(),
          command: Type.String(),
          groups: Type.Array(
            Closed({
              group: Type.String(),
              people: Type.Integer(),
              genuinePairs: Type.Integer(),
              impostorPairs: Type.Integer(),
            }),
          ),
        }),
      ),
      /** Doors with a camera for faces. */
      doors: Type.Array(
        Closed({
          id: Id,
          name: Type.String(),
          mode: OneOf(["1:N", "1:1"]),
          /** People who may be compared here now: enrolled, resident, consenting. */
          gallery: Type.Integer(),
          /** At the risk this door was last set to. */
          set: Type.Optional(Expected),
          /** At FPIR 0.003, where searches are compared everywhere; only 1:N. */
          usual: Type.Optional(Expected),
          /** Absent: fewer than 30 looks. */
          operation: Type.Optional(Operation),
          technical: Type.Optional(Technical),
        }),
      ),
      /** Absent: fewer than 30 tries. */
      enrolment: Type.Optional(Closed({ failed: Rate, reasons: Type.Array(Reason) })),
      enrolmentTechnical: Type.Optional(Technical),
      byAge: Type.Array(
        Closed({ band: OneOf(ageBands), enrol: Type.Optional(Rate), verify: Type.Optional(Rate) }),
      ),
      /** Absent: nothing was measured with exactly these models. */
      liveness: Type.Optional(
        Closed({
          date: Day,
          data: Type.String(),
          attacks: Type.Array(
            Closed({
              kind: Type.String(),
              n: Type.Integer(),
              apcer: Type.Optional(Type.Number()),
              bounds: Type.Optional(Bounds),
              synthetic: Type.Boolean(),
              of,
            }),
          ),
          live: Type.Array(
            Closed({
              kind: Type.String(),
              n: Type.Integer(),
              bpcer: Type.Number(),
              bounds: Bounds,
              synthetic: Type.Boolean(),
              of,
            }),
          ),
        }),
      ),
      models: Type.Array(
        Closed({
          id: Type.String(),
          job: Type.String(),
          sha256: Type.String(),
          reviewed: Type.Optional(Day),
          outOfDate: Type.Boolean(),
        }),
      ),
      missing: Type.Array(Type.String()),
    }),
    ["manager", "privacy-officer", "auditor"],
  ),
} as const;
