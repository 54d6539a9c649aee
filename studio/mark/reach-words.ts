// What a change of the marks did to the masks of other images, in words.

import type { Reach } from '../engine/mask-calls.ts';
import { counted } from '../words.ts';

/** "Your marks now also spread to 212 segments in 96 images." It is about masks: no mark of a person comes or goes. */
export function reachWords(gained: Reach, lost: Reach): string {
  const amount = ({ segments, images }: Reach) =>
    `${counted(segments, 'segment', 'segments')} in ${counted(images, 'image', 'images')}`;
  const parts = [
    ...(gained.segments > 0 ? [`now also spread to ${amount(gained)}`] : []),
    ...(lost.segments > 0 ? [`no longer spread to ${amount(lost)}`] : []),
  ];
  return parts.length > 0
    ? `Your marks ${parts.join(', and ')}.`
    : 'This change spreads to no other segment yet.';
}
