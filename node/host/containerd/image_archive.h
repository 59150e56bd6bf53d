// What an image archive holds: an OCI layout, or what `docker save` writes. A first pass that reads
// everything, keeps the documents and believes no digest it has not computed.
#pragma once

#include "node/base/result.h"
#include "node/host/containerd/types.h"
#include "node/host/oci/image.h"

#include <map>
#include <string>
#include <vector>

namespace shoal::host::ctrd {

struct ArchivedBlob {
    oci::Descriptor blob{};
    Labels labels{};  // what the blob refers to, as containerd's collector reads it
};

struct ArchivedImage {
    std::vector<std::string> names{};  // may be empty
    oci::Descriptor target{};          // a manifest or an index
};

struct ImageArchive {
    std::map<std::string, ArchivedBlob> files{};     // by path in the archive
    std::map<std::string, std::string> documents{};  // made here, by digest; written besides
    std::vector<ArchivedBlob> made{};                // the descriptors of those
    std::vector<ArchivedImage> images{};
};

// Blocks; reads the file once.
[[nodiscard]] Result<ImageArchive> survey_archive(const std::string& path);

}  // namespace shoal::host::ctrd
