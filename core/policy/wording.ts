/** What no notice, letter or screen about faces may say, by what is wrong with it. */
export const wrongs = [
  "irrevocable",
  "unlimited",
  "transferable",
  "deadline",
  "safe",
  "deemed",
  "forced",
  "theft",
] as const;
export type Wrong = (typeof wrongs)[number];

/**
 * Words per wrong, in our three languages, each text being held to all: clauses the courts call void (法释〔2021〕15号
 * art. 11), pressure (Order 19 art. 12; the reports' "within four days"), and promises nobody can keep.
 */
const patterns: Readonly<Record<Wrong, readonly RegExp[]>> = {
  irrevocable: [
    /\birrevocabl[ey]/i,
    /\b(?:can|may|shall|must)(?:not|\s+not)\s+be\s+(?:withdrawn|revoked)/i,
    /(?:不可|不得|不能|无法|無法|不予)撤[销銷回]/,
    /永久(?:授权|授權|有效)/,
  ],
  unlimited: [
    /\b(?:unlimited|perpetual|indefinite(?:ly)?|for\s*ever)\b/i,
    /\bwithout\s+(?:any\s+)?(?:time\s+)?limit/i,
    /[无無]限期|[无無]期限限制|永久(?:保存|保留|存储|儲存|使用)|[长長]期保[存留]/,
  ],
  transferable: [
    /\bfreely\s+(?:transfer|assign|share)/i,
    /(?<!\b(?:not|never|nor)\s(?:be\s)?)\b(?:transfer|assign|sell|share|pass)(?:s|red|ing)?\b[^.]{0,40}\b(?:third\s+part|partners?\b|affiliates?\b)/i,
    /(?:任意|自由|[随隨]意)(?:转让|轉讓|提供|共享)|可(?:转让|轉讓)|(?<![不未][会會得予]?)(?:授权|授權|转让|轉讓|提供)[^。]{0,6}(?:第三方|合作(?:方|伙伴|夥伴))/,
  ],
  deadline: [
    /(?<!\bno )(?<!\bwithout a )\bdeadline\b/i,
    /\bno\s+later\s+than\b|\bwithin\s+\w+\s+(?:hours|days|weeks)\b[^.]{0,60}\b(?:enrol|register|sign\s+up|bring|collect|submit)/i,
    /\b(?:enrol|register|sign\s+up)\b[^.]{0,60}\b(?:within\s+\w+\s+(?:hours|days|weeks)|before\s+\w+|by\s+(?:\d|mon|tue|wed|thu|fri|sat|sun))/i,
    /\bcards?\b[^.]{0,30}\b(?:cancelled|canceled|deactivated|stop\s+working|no\s+longer\s+work)/i,
    /(?:限期|逾期|截止|过期不|過期不|最后期限|最後期限)/,
    /(?:\d+|[一二三四五六七八九十两兩]+)\s*[天日个個小时時周週]+[之以]?内[^。]{0,20}(?:录入|錄入|采集|採集|登记|登記|办理|辦理|完成)/,
    /(?:门禁卡|門禁卡|感应卡|感應卡|磁卡|卡片|[^刷]卡)[^。，]{0,10}(?:停用|作废|作廢|注销|註銷|取消|失效)/,
  ],
  safe: [
    /\b(?:very|absolutely|completely|perfectly|totally|entirely|100\s?%)\s+(?:safe|secure)\b/i,
    /\b(?:is|are)\s+(?:safe|secure)\b/i,
    /\b(?:risk[- ]free|cannot\s+be\s+(?:hacked|stolen|leaked|reversed)|irreversibl[ey]|only\s+numbers)\b/i,
    /(?:非常|十分|绝对|絕對|完全|很|更)安全|安全可靠|万无一失|萬無一失|零[风風][险險]|[绝絕]不(?:会|會)?泄[露漏]|不可逆|只是(?:一[串组組])?(?:数字|數字)/,
  ],
  deemed: [
    /\b(?:deemed|considered)\s+to\s+(?:have\s+)?(?:agreed?|consent)/i,
    /\bby\s+(?:entering|using|passing|registering)\b[^.]{0,40}\byou\s+(?:agree|consent|accept)/i,
    /(?:视为|視為|即表示|代表|默认|默認|默许|默許)[^。]{0,6}同意/,
  ],
  forced: [
    /\b(?:must|have\s+to|required\s+to|obliged\s+to)\b[^.]{0,40}\b(?:face|facial)\b/i,
    /\b(?:face|facial)\b[^.]{0,40}\b(?:is|are|will\s+be)\s+(?:the\s+only|mandatory|compulsory|required)/i,
    /(?:必须|必須|一律|务必|務必|强制|強制|均[须須需])[^。]{0,16}(?:人脸|人臉|刷脸|刷臉|面部)/,
    /(?:人脸|人臉|刷脸|刷臉)[^。]{0,12}(?:唯一|必须|必須)|否则(?:不得|无法|不能)(?:进|入|出)|否則(?:不得|無法|不能)(?:進|入|出)/,
  ],
  theft: [
    /\b(?:prevent|reduce|stop|end|deter)(?:s|ed|ing)?\b[^.]{0,20}\b(?:theft|thieves|burglar\w*|crime)/i,
    /(?:杜绝|杜絕|防止|减少|減少)[^。]{0,6}(?:盗|盜|小偷|犯罪|案件)/,
  ],
};

/** One thing a text may not say. */
export interface WrongWord {
  wrong: Wrong;
  /** As it stands in the text. */
  words: string;
}

/** What a text about faces says that it may not; in the order of the wrongs, each at most once. */
export function wrongWords(text: string): WrongWord[] {
  return wrongs.flatMap((wrong) => {
    const found = patterns[wrong]
      .map((pattern) => pattern.exec(text)?.[0])
      .find((words) => words !== undefined);
    return found === undefined ? [] : [{ wrong, words: found.trim() }];
  });
}
