import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer, NewPerson, Person, PersonChange, personIn, personOut } from "../shapes.ts";

const PersonLine = Closed(
  {
    id: Opaque,
    name: Type.String(),
    flat: Type.Optional(Type.String()),
    state: OneOf(["resident", "left"]),
  },
  { title: "PersonLine" },
);

export const persons = [
  route({
    method: "post",
    path: "/persons",
    summary: "Register a resident. A name is enough; nothing here asks for a document, a number or a face.",
    roles: verbs["person.create"].roles!,
    body: NewPerson,
    answer: Closed({ id: Opaque }),
    status: 201,
    handle: ({ vault, auth, body }) => vault.call("person.create", { auth, ...personIn(body) }),
  }),
  route({
    method: "post",
    path: "/persons/search",
    summary: "Find residents. What is searched for stays out of the URL; the look-up is recorded.",
    roles: verbs["person.list"].roles!,
    purpose: true,
    body: Closed({
      search: Type.Optional(Type.String({ maxLength: 80 })),
      limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }),
    }),
    answer: Closed({ people: Type.Array(PersonLine) }),
    handle: ({ vault, auth, purpose, body }) => vault.call("person.list", { auth, purpose, ...body }),
  }),
  route({
    method: "get",
    path: "/persons/{id}",
    summary:
      "Read one resident: a look-up that is recorded before it is answered, and shown to that resident.",
    roles: verbs["person.read"].roles!,
    purpose: true,
    params: byId,
    answer: Person,
    handle: async ({ vault, auth, purpose, params }) =>
      personOut(await vault.call("person.read", { auth, purpose, id: params.id })),
  }),
  route({
    method: "patch",
    path: "/persons/{id}",
    summary: "Correct what is held about a resident; null takes away what need not be known.",
    roles: verbs["person.update"].roles!,
    params: byId,
    body: PersonChange,
    answer: emptyAnswer,
    handle: ({ vault, auth, params, body }) =>
      vault.call("person.update", { auth, id: params.id, ...personIn(body) }),
  }),
  route({
    method: "post",
    path: "/persons/{id}/leaving",
    summary: "End the residency: credentials end, consents are terminated, the face is erased.",
    roles: verbs["person.leave"].roles!,
    fresh: verbs["person.leave"].fresh,
    params: byId,
    answer: Closed({ erasure: Type.Optional(Opaque) }),
    handle: ({ vault, auth, params }) => vault.call("person.leave", { auth, id: params.id }),
  }),
];
