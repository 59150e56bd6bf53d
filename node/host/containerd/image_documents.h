// The documents an image is made of: read out of containerd's content, and what its collector has
// to know of them.
#pragma once

#include "node/host/containerd/client.h"

#include <string>

namespace shoal::host::ctrd {

struct ImageDocuments {
    std::string manifest_digest{};
    oci::Manifest manifest{};
    oci::ImageConfig config{};
};

// Of a manifest, or of the one an index offers for this kind of machine. NotFound: a document is
// not here, or there is none for linux on amd64.
[[nodiscard]] Awaitable<Result<ImageDocuments>> read_documents(const Client& client,
                                                               std::string digest);

// The digest of the manifest to take out of an index; of a manifest, its own.
[[nodiscard]] Result<oci::Descriptor> manifest_in(const std::string& text, oci::Descriptor self);

// What containerd's collector must know of a document to keep what it names.
[[nodiscard]] Labels collector_labels(const std::string& text);

// What a document says it is; a plain guess if it does not say.
[[nodiscard]] std::string media_type_of(const std::string& text);

}  // namespace shoal::host::ctrd
