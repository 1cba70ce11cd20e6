import type { PackId } from "./context.ts";
import { packIds } from "./context.ts";
import cn from "./packs/cn.json" with { type: "json" };
import eu from "./packs/eu.json" with { type: "json" };
import usIl from "./packs/us-il.json" with { type: "json" };

/** One parameter's legal room. Absent `min` or `max`: no bound on that side. */
export interface Bound {
  readonly unit: "count" | "days" | "hours" | "years" | "persons" | "score";
  readonly min?: number;
  readonly max?: number;
  readonly default: number;
  /** Where the bound comes from; product choices say so. */
  readonly article: string;
}

export interface Pack {
  readonly id: PackId;
  readonly bounds: Readonly<Record<string, Bound>>;
}

const packs: Readonly<Record<PackId, Pack>> = {
  cn: cn as Pack,
  eu: eu as Pack,
  "us-il": usIl as Pack,
};

/** The pack with an id; the strictest (`cn`) for one nobody knows: the rule `readable-flow` says that it is unknown. */
export const loadPack = (id: string): Pack => packs[isPackId(id) ? id : "cn"];

export const isPackId = (id: string): id is PackId => (packIds as readonly string[]).includes(id);

/** A value outside its room, with the article that says so. */
export interface OutOfBounds {
  parameter: string;
  value: number;
  side: "below" | "above";
  bound: number;
  article: string;
}

/** @returns what is wrong with a value, or undefined. A parameter the pack does not name has no room to leave. */
export function outside(pack: Pack, parameter: string, value: number): OutOfBounds | undefined {
  const bound = pack.bounds[parameter];
  if (!bound) return undefined;
  const { article } = bound;
  if (!Number.isFinite(value) || (bound.min !== undefined && value < bound.min))
    return { parameter, value, side: "below", bound: bound.min ?? 0, article };
  if (bound.max !== undefined && value > bound.max)
    return { parameter, value, side: "above", bound: bound.max, article };
  return undefined;
}
