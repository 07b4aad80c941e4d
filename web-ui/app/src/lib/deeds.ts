// What somebody did, in the words of the desk: the journal holds orders in the words of the station.

import { t } from './words.svelte';

/** How the station notes an order, and its name in the catalogue; the first that fits counts. */
const FORMS: [RegExp, string][] = [
  [/^bulletin (?<id>\S+) version (?<version>\d+) handed in/, 'handedIn'],
  [/^bulletin (?<id>\S+) version (?<version>\d+) approved$/, 'approved'],
  [/^bulletin (?<id>\S+) version (?<version>\d+) sent back: (?<why>.*)$/s, 'sentBack'],
  [/^bulletin (?<id>\S+) version (?<version>\d+) withdrawn$/, 'withdrawn'],
  [/^programme (?<id>\S+) dropped$/, 'programmeDropped'],
  [/^programme (?<id>\S+) version (?<version>\d+)$/, 'programme'],
  [/^decision (?<id>\d+)$/, 'decision'],
  [/^emergency (?<id>\S+): (?<why>.*)$/s, 'emergency'],
  [/^stop (?<id>[^:]+(?::[^ ]\S*)*): (?<why>.*)$/s, 'stop'],
  [/^mute (?<id>[^:]*): (?<why>.*)$/s, 'mute'],
  [/^blackout (?<id>[^:]*): (?<why>.*)$/s, 'blackout'],
  [/^rearm (?<id>[^:]*): (?<why>.*)$/s, 'rearm'],
  [/^asks for live (?<id>\S+)$/, 'askLive'],
  [/^microphone of live (?<id>\S+) to (?<to>[^:]*): (?<why>.*)$/s, 'handLive'],
  [/^end of live (?<id>\S+)$/, 'endLive'],
  [/^live (?<id>\S+)$/, 'live'],
  [/^selftest stopped$/, 'testStopped'],
  [/^selftest full$/, 'testFull'],
  [/^selftest silent$/, 'testSilent'],
  [/^baseline (?<id>.*)$/, 'baseline'],
  [/^paper (?<id>\S+) read$/, 'paperRead'],
  [/^report (?<id>\S+) submitted$/, 'reportSubmitted'],
  [/^(?<id>\S+) offered to the province/, 'offered'],
  [/^prepared (?<id>\S+) dropped$/, 'preparedDropped'],
  [/^prepared (?<id>\S+) version (?<version>\d+)$/, 'prepared'],
  [/^draft (?<id>\S+) begun/, 'draftBegun'],
  [/^draft (?<id>\S+) thrown away$/, 'draftDropped'],
  [/^draft (?<id>\S+) taken out/, 'draftOver'],
  [/^draft (?<id>[^:]+): rendition (?<what>\S+) vouched for$/, 'vouched'],
  [/^media (?<id>\S+) (?<what>\S+) (?<bytes>\d+) bytes$/, 'media'],
  [/^library item (?<id>\S+) kept for good$/, 'kept'],
  [/^library item (?<id>\S+) kept for good no longer$/, 'keptNoMore'],
  [/^rota version (?<version>\d+)/, 'rota'],
  [/^register version (?<version>\d+) of a file/, 'registerFile'],
  [/^register version (?<version>\d+)$/, 'register'],
  [/^inventory version (?<version>\d+) sent$/, 'inventorySent'],
  [/^broadcast report (?<from>\S+) to (?<to>\S+) sent$/, 'reportSent'],
  [/^training report sent$/, 'trainingSent'],
  [/^question (?<id>\S+) sent$/, 'questionSent'],
  [/^configuration version (?<version>\d+): to be tried$/, 'configuration'],
  [/^configuration version (?<version>\d+): taken back$/, 'configurationBack'],
  [/^network change (?<id>\d+): kept$/, 'networkKept'],
  [/^network change (?<id>\d+): taken back$/, 'networkBack'],
  [/^backup made/, 'backup'],
  [/^restore of station (?<id>[^,]+),/, 'restore'],
  [/^restore undone/, 'restoreUndone'],
  [/^restore taken back$/, 'restoreBack'],
  [/^points version (?<version>\d+)/, 'points'],
];

/** What was done, in words; as the station says it where nobody gave it other words. */
export function told(what: string): string {
  for (const [form, name] of FORMS) {
    const found = form.exec(what);
    if (found) return t(`audit.did.${name}`, { ...found.groups });
  }
  return what;
}
