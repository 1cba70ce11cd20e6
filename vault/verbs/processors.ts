import { working } from "../../core/rights/index.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { requireHand } from "./staff.ts";

/** The register of processors, and letting their technicians in for some hours (RD-51). */
export const processorVerbs = ({
  changes,
  consents,
  registers: { processors, requests },
  signIn,
  site,
}: Services): Pick<
  Handlers,
  | "processor.put"
  | "processor.list"
  | "recipient.list"
  | "processor.end"
  | "processor.admit"
  | "processor.dismiss"
> => {
  /** The notice names who works on the data: another register, another notice, and consents given under the old one rest. */
  const published = () => {
    if (site.configured) consents.publish(site.noticesWith(processors.list()));
  };
  return {
    "processor.put"({ id, facts }, { actor }) {
      const made = processors.put(facts, actor.id, id);
      published();
      return { id: made };
    },

    "processor.list"() {
      const questions = requests.list({ open: true, limit: 1000 });
      return {
        processors: processors.list().map((processor) => {
          const own = questions.filter((request) => request.processor === processor.id);
          const late = own.filter(({ level }) => level === "red" || level === "escalated");
          return { ...processor, questions: own.length, overdue: late.length };
        }),
      };
    },

    "recipient.list": () => ({
      recipients: working(processors.list()).map(({ name, role, contact, purpose, method, data, until }) => ({
        name,
        role,
        contact,
        purpose,
        method,
        data,
        until,
      })),
    }),

    "processor.end"({ id, fate }, { actor }) {
      for (const token of processors.end(id, fate, actor.id)) signIn.revokeToken(token);
      published();
      return {};
    },

    "processor.admit"({ id, hours, reason }, { actor }) {
      requireHand(actor); // a token would make another that outlives it
      processors.requireRunning(id);
      // the token's label is in every record of what it did
      const { name } = processors.read(id);
      const token = signIn.createToken({ role: "technician", label: name.slice(0, 60), days: hours / 24 });
      changes.tokenMade(token.id, actor.id); // and is no second person beside whoever made it
      const access = processors.admit(id, { token: token.id, until: token.expires, reason }, actor.id);
      return { access, token: token.token, expires: token.expires };
    },

    "processor.dismiss"({ id }, { actor }) {
      const token = processors.dismiss(id, actor.id);
      if (token !== undefined) signIn.revokeToken(token);
      return {};
    },
  };
};
