// What the page knows, for the modules that load, save and act. The server has the truth; this is what was last heard.

export const state = {
  study: null, // as the server sends it: who codes, the codes, the progress
  codes: new Map(), // by id
  interviews: new Map(), // name -> its segments, those that were loaded
  segments: new Map(), // by id
  queue: { ids: [], interviews: [], names: [], status: [] }, // what is offered, in order
  at: 0, // the place in the queue
  id: null, // the segment in hand
  shown: null, // the interview whose transcript is shown
  search: "",
  focus: 0, // the row of the code in focus
  criteria: false, // whether its criteria are shown
  alike: null, // what resembles the segment, for one code: { code, passages, examples }, or null where it is closed
  from: null, // where she was before she went to a passage that resembles: { id, interview, at }
  unsaved: null, // the decision or text that could not be saved, and may yet be
  lost: [], // the texts that never can be, for what they are about is gone: { name, typed, why }
  act: () => {}, // what a button does
};

export const inHand = () => state.segments.get(state.id);
export const nameOf = (code) => state.codes.get(code)?.name ?? code;
