/** A sentence ends where a full stop, a space and a capital meet; `9.49 ms` has no space behind its stop. */
const sentencesOf = (says: string): readonly string[] => says.split(/(?<=[.!?])\s+(?=\p{Lu})/u);

// The first sentence is about fork. It never stands alone: the one behind it is about the bill.
const LARGE = 2;

/** The verdict: its first sentences large, the rest below. */
export const Verdict = ({ says }: { says: string }) => {
  if (says === '') return null;
  const sentences = sentencesOf(says);
  const rest = sentences.slice(LARGE);
  return (
    <>
      <p class="verdict">{sentences.slice(0, LARGE).join(' ')}</p>
      {rest.length > 0 && (
        <ul class="reasons">
          {rest.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </>
  );
};
