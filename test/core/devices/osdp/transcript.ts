/**
 * A whole conversation as a device not written by us (libosdp 3.2.0, address 0) held it with a panel not written by us:
 * key SCBK-D, panel's nonce B0…B7, device's nonce A0…A7.
 */
export interface Exchange {
  says: string;
  panel: string;
  device: string;
}

export const opening: readonly Exchange[] = [
  {
    says: "ID",
    panel: "53000900046100c066",
    device: "5380140004455634129901040302010a0b0c16c0",
  },
  {
    says: "CAP",
    panel: "53000900056200a304",
    device: "5380290005460101020201010301000401010501010601010801000901000a00010d01011002008247",
  },
  {
    says: "CHLNG",
    panel: "530013000c03110076b0b1b2b3b4b5b6b75232",
    device: "53802b000c031200765634990004030201a0a1a2a3a4a5a6a7fde5d2f428ec16312471ea3c02bd77966f6c",
  },
  {
    says: "SCRYPT",
    panel: "53001b000d0313007726d3356e07762d262801fc8e6665a8917bda",
    device: "53801b000d03140178b2a30057eb98ba2229ec1f875662b5245585",
  },
];

export const session: readonly Exchange[] = [
  { says: "LSTAT", panel: "53000e000e02156452d9d773aee9", device: "538010000e021548000085969287cb78" },
  { says: "ISTAT", panel: "53000e000f021565a1b894adcade", device: "538010000f0215490100fdb620988e30" },
  {
    says: "LED",
    panel: "53001e000d0217694a9ac0a000afa547c405e773b58b20f83e6fba6fabd9",
    device: "53800e000d0216401932b967f0bd",
  },
  {
    says: "BUZ",
    panel: "53001e000e02176ad5c7f9129b919b3269b848eb9d5a05c9359401603f02",
    device: "53800e000e02164005c8f53d9db6",
  },
  {
    says: "OUT",
    panel: "53001e000f021768ce7ad221ba122c50f8e3ca4de909600f1878728884b5",
    device: "53800e000f02164043200d95511f",
  },
];

export const polls: readonly Exchange[] = [
  {
    says: "card W26",
    panel: "53000e000d0215603555c6ff5f8e",
    device: "53801e000d0218505dab383bf0c7918d1c1d2528c513257b1d8257c6dcab",
  },
  {
    says: "card W34",
    panel: "53000e000e021560327ed0bd63a0",
    device: "53801e000e021850168a676544a2d175a844520605eebf79118fb40b8602",
  },
  {
    says: "keys",
    panel: "53000e000f021560411d185b37fe",
    device: "53801e000f021853ad222744efb5d579d1b3466d59854a74b88027853633",
  },
  {
    says: "tamper",
    panel: "53000e000d021560dbe033dcd545",
    device: "53801e000d02184814df4df5fa1d38633cf342f1381590e7caea2608339b",
  },
  {
    says: "inputs",
    panel: "53000e000e0215600a9ee537da63",
    device: "53801e000e02184929b16e61643a4e3d290dc3ae43367d26ef0dc6c0f4f8",
  },
  { says: "nothing", panel: "53000e000f021560c83129a5aa1b", device: "53800e000f021640ee3d1288421d" },
];

/** Instead of the polls. */
export const keyset: readonly Exchange[] = [
  {
    says: "KEYSET 00112233445566778899aabbccddeeff",
    panel: "53002e000d021775a2e7bcbfa67c83f1bd2393af75d5ce60a68db3ae94464fad8f3b08f78da79655fe9fc01f0afc",
    device: "53800e000d0216404546bb6bdf24",
  },
  { says: "POLL", panel: "53000e000e0215605b626873e293", device: "53800900064106a0ba" },
];

export const panelNonce: Buffer = Buffer.from("b0b1b2b3b4b5b6b7", "hex");
export const deviceNonce: Buffer = Buffer.from("a0a1a2a3a4a5a6a7", "hex");
