// Memory that is free goes back to the system.
#pragma once

namespace plimsoll {

// What the allocator keeps for later. For after a start or a change of policy, which take far more than serving does.
void give_back_memory();

}  // namespace plimsoll
