/** What `GET /accuracy` answers, as far as it is shown. */
export interface Rate {
  share: number;
  low: number;
  high: number;
  n: number;
}

export interface Expected {
  risk: number;
  threshold: number;
  group: string;
  measured: boolean;
  least_risk: number;
  false_match?: Rate;
  groups: { group: string; people: number; one: Rate; three?: Rate }[];
}

export interface Operation {
  looks: number;
  refused: Rate;
  not_acquired: Rate;
  not_live: Rate;
  reasons: { code: string; n: number }[];
  again: number;
  again_granted: number;
  other_way: number;
}

export interface Technical {
  n: number;
  reasons: { code: string; n: number }[];
}

export interface DoorAccuracy {
  id: string;
  name: string;
  mode: "1:N" | "1:1";
  gallery: number;
  set?: Expected;
  usual?: Expected;
  operation?: Operation;
  technical?: Technical;
}

interface Shown {
  kind: string;
  n: number;
  synthetic: boolean;
  of: "picture" | "look";
}

export interface Accuracy {
  calibration?: {
    model: string;
    exact: boolean;
    sha256: string;
    date: string;
    data: string;
    command: string;
    groups: { group: string; people: number; genuine_pairs: number; impostor_pairs: number }[];
  };
  doors: DoorAccuracy[];
  enrolment?: { failed: Rate };
  enrolment_technical?: Technical;
  by_age: { band: string; enrol?: Rate; verify?: Rate }[];
  liveness?: {
    date: string;
    attacks: (Shown & { apcer?: number; bounds?: [number, number] })[];
    live: (Shown & { bpcer: number; bounds: [number, number] })[];
  };
  models: { id: string; job: string; sha256: string; reviewed?: string; out_of_date: boolean }[];
  missing: string[];
}
