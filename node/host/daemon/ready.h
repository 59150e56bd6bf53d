// Telling whoever started this process that it answers now, in the words of sd_notify(3).
#pragma once

namespace shoal::host {

// Does nothing where nobody asked: NOTIFY_SOCKET names where, and systemd sets it.
void tell_ready();

}  // namespace shoal::host
