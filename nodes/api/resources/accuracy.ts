import { ageBands } from "../../../core/faces/tally.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { Rate } from "../../../vault/protocol/accuracy.ts";
import { DateTime, Day, Id } from "../../../vault/protocol/common.ts";
import { type Answer, verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";

const Expected = Closed(
  {
    risk: Type.Number({ description: "share of looks of strangers that may find somebody" }),
    threshold: Type.Number({ description: "cosine to reach" }),
    group: Type.String({ description: "the strictest group measured: the threshold comes from it" }),
    measured: Type.Boolean({
      description: "false: rarer than the calibration's pairs can show, extrapolated",
    }),
    least_risk: Type.Number({ description: "rarest risk measured for a gallery of this size" }),
    false_match: Type.Optional(Rate),
    groups: Type.Array(
      Closed({
        group: Type.String(),
        people: Type.Integer(),
        one: Type.Object(Rate.properties, { description: "refused, one picture enrolled, per frame" }),
        three: Type.Optional(Rate),
      }),
    ),
  },
  { title: "ExpectedErrors" },
);

const Reason = Closed({ code: Type.String(), n: Type.Integer() });
const Technical = Closed(
  { n: Type.Integer(), reasons: Type.Array(Reason) },
  {
    title: "TechnicalFailures",
    description:
      "tries the camera, the models or the box spoiled: in no rate of faces; absent: fewer than five",
  },
);
const Of = OneOf(["picture", "look"]);
const Bounds = Type.Tuple([Type.Number(), Type.Number()]);

const DoorAccuracy = Closed(
  {
    id: Id,
    name: Type.String(),
    mode: OneOf(["1:N", "1:1"]),
    gallery: Type.Integer({ description: "N: people who may be compared here now" }),
    set: Type.Optional(Expected),
    usual: Type.Optional(Expected),
    operation: Type.Optional(
      Closed(
        {
          looks: Type.Integer(),
          refused: Rate,
          not_acquired: Rate,
          not_live: Rate,
          reasons: Type.Array(Reason),
          again: Type.Integer({ description: "looks within a minute of one that failed, at the same door" }),
          again_granted: Type.Integer(),
          other_way: Type.Integer({ description: "let in without a face within a minute of a failed look" }),
        },
        { title: "LooksCounted", description: "absent: fewer than 30 looks" },
      ),
    ),
    technical: Type.Optional(Technical),
  },
  { title: "DoorAccuracy" },
);

/** What faces err at this site. */
export const accuracy = [
  route({
    method: "get",
    path: "/accuracy",
    summary:
      "What faces err at each door: as the models were measured, and as counted, without who (RD-35, RD-36).",
    roles: verbs["accuracy.read"].roles!,
    query: Closed({ days: Type.Integer({ default: 30, minimum: 1, maximum: 400 }) }),
    answer: Closed(
      {
        from: DateTime,
        to: DateTime,
        calibration: Type.Optional(
          Closed({
            model: Type.String(),
            exact: Type.Boolean({
              description:
                "false: measured with other models around the same embedder; of these the strictest",
            }),
            sha256: Type.String({ description: "of the calibration file, as the log has it" }),
            date: Day,
            data: Type.String(),
            command: Type.String(),
            groups: Type.Array(
              Closed({
                group: Type.String(),
                people: Type.Integer(),
                genuine_pairs: Type.Integer(),
                impostor_pairs: Type.Integer(),
              }),
            ),
          }),
        ),
        doors: Type.Array(DoorAccuracy),
        enrolment: Type.Optional(
          Closed(
            { failed: Rate, reasons: Type.Array(Reason) },
            { description: "absent: fewer than 30 tries" },
          ),
        ),
        enrolment_technical: Type.Optional(Technical),
        by_age: Type.Array(
          Closed({ band: OneOf(ageBands), enrol: Type.Optional(Rate), verify: Type.Optional(Rate) }),
        ),
        liveness: Type.Optional(
          Closed({
            date: Day,
            data: Type.String(),
            attacks: Type.Array(
              Closed({
                kind: Type.String(),
                n: Type.Integer({ description: "0: not tested" }),
                apcer: Type.Optional(Type.Number()),
                bounds: Type.Optional(Bounds),
                synthetic: Type.Boolean(),
                of: Of,
              }),
            ),
            live: Type.Array(
              Closed({
                kind: Type.String(),
                n: Type.Integer(),
                bpcer: Type.Number(),
                bounds: Bounds,
                synthetic: Type.Boolean(),
                of: Of,
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
            out_of_date: Type.Boolean({ description: "nobody new is enrolled with it" }),
          }),
        ),
        missing: Type.Array(Type.String({ description: "model that is not here" })),
      },
      { title: "Accuracy" },
    ),
    async handle({ vault, auth, query }) {
      const { byAge, calibration, doors, enrolmentTechnical, models, ...rest } = await vault.call(
        "accuracy.read",
        {
          auth,
          ...query,
        },
      );
      return {
        ...rest,
        ...(calibration ? { calibration: { ...calibration, groups: calibration.groups.map(pairs) } } : {}),
        doors: doors.map(({ set, usual, operation, ...door }) => ({
          ...door,
          ...(set ? { set: expected(set) } : {}),
          ...(usual ? { usual: expected(usual) } : {}),
          ...(operation ? { operation: counted(operation) } : {}),
        })),
        ...(enrolmentTechnical ? { enrolment_technical: enrolmentTechnical } : {}),
        by_age: byAge,
        models: models.map(({ outOfDate, ...model }) => ({ ...model, out_of_date: outOfDate })),
      };
    },
  }),
];

type Told = Answer<"accuracy.read">;
type Door = Told["doors"][number];

const pairs = ({
  genuinePairs,
  impostorPairs,
  ...group
}: NonNullable<Told["calibration"]>["groups"][number]) => ({
  ...group,
  genuine_pairs: genuinePairs,
  impostor_pairs: impostorPairs,
});

const expected = ({ leastRisk, falseMatch, ...rest }: NonNullable<Door["set"]>) => ({
  ...rest,
  least_risk: leastRisk,
  ...(falseMatch ? { false_match: falseMatch } : {}),
});

const counted = ({
  notAcquired,
  notLive,
  againGranted,
  otherWay,
  ...rest
}: NonNullable<Door["operation"]>) => ({
  ...rest,
  not_acquired: notAcquired,
  not_live: notLive,
  again_granted: againGranted,
  other_way: otherWay,
});
