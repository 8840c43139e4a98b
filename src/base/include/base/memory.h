// Memory goes back to the system.
#pragma once

namespace plimsoll {

// For after a start or a change of policy, which take far more than serving does: what the allocator keeps for later, and
// the pages of the program's file that have been read, which are mapped again when they are used. Costs a millisecond or
// two. Any thread.
void give_back_memory();

}  // namespace plimsoll
