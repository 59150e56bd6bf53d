#include "node/host/daemon/image_routes.h"

#include "node/host/daemon/answers.h"
#include "node/host/daemon/requests.h"
#include "node/host/daemon/views.h"
#include "node/host/images/fetcher.h"
#include "node/host/images/records.h"
#include "node/host/images/reference.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <utility>

namespace shoal::host {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;
using std::chrono::steady_clock;

constexpr std::string_view kImages = "/v1/images/";
constexpr std::string_view kUploads = "/v1/uploads/";
constexpr std::string_view kBlobs = "/v1/blobs/";

Response failure(const Error& why) {
    return error(why.code, why.detail);
}

Response no_images() {
    return http::json_error(409, "no-runtime",
                            "this node runs no containers, so it holds no images",
                            "ask one that does: --node NAME; shoal node ls lists them");
}

json view_image(const agent::Agent& agent, const std::string& name,
                const images::ImageRecord& record) {
    json nodes = json::array();
    auto total = record.total;
    for (const auto& holder : images::holders_of(agent, record.digest)) {
        nodes.push_back(display_name(agent, holder.node));
        total = std::max(total, holder.record.total);
    }
    return {{"name", name},
            {"digest", record.digest},
            {"size", total},
            {"nodes", std::move(nodes)},
            {"jobs", images::jobs_using(agent, record.digest)}};
}

// Those with a name, then what is held without one.
json view_images(const agent::Agent& agent) {
    json out = json::array();
    std::map<std::string, images::ImageRecord> nameless;
    for (auto& holder : images::all_held(agent)) {
        nameless[holder.record.digest] = std::move(holder.record);
    }
    for (const auto& image : images::all_named(agent)) {
        nameless.erase(image.record.digest);
        auto one = view_image(agent, image.name, image.record);
        one["at"] = show_time(image.at);
        out.push_back(std::move(one));
    }
    for (const auto& [digest, record] : nameless) {
        out.push_back(view_image(agent, "", record));
    }
    return out;
}

std::string to_text(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Now, while the image is known: the node that runs a replica chooses ports of its host for it
// before it has the image.
void imply_ports(const agent::Agent& agent, placement::JobSpec& spec) {
    const auto digest = images::digest_in(spec.container.image);
    placement::imply_ports(spec, images::exposed_by(agent, digest));
}

// Writes one name after the other; the answer lists them all.
class Naming : public std::enable_shared_from_this<Naming> {
public:
    using Done = std::function<void(Result<std::string>)>;

    Naming(Member& member, WallTime wall, std::vector<HeldImage> images, Done done)
        : member_(member), wall_(wall), images_(std::move(images)), done_(std::move(done)) {}

    void next() {
        if (images_.empty()) return done_(to_text(answer_));
        auto& image = images_.back();
        if (image.names.empty()) {
            images_.pop_back();
            return next();
        }
        const auto name = image.names.back();
        image.names.pop_back();
        const images::ImageRecord record{image.target.digest, image.target.media_type,
                                         image.target.size, image.total, image.exposed};
        member_.write({.key = images::image_key(name),
                       .body = images::encode_record(record),
                       .submission = {random_u64(), random_u64()},
                       .wall = wall_},
                      [self = shared_from_this(), name, record](const store::WriteDone& written) {
                          self->written(name, record, written);
                      });
    }

private:
    void written(const std::string& name, const images::ImageRecord& record,
                 const store::WriteDone& done) {
        if (done.outcome != store::WriteOutcome::Done) {
            return done_(fail(Errc::Full, "the image is loaded, and the name '" + name +
                                              "' could not be written: " + done.why));
        }
        answer_.push_back({{"name", name}, {"digest", record.digest}, {"size", record.total}});
        next();
    }

    Member& member_;
    WallTime wall_;
    std::vector<HeldImage> images_;
    Done done_;
    json answer_ = json::array();
};

}  // namespace

bool ImageRoutes::handle(Member& member, const Request& request, const Respond& respond) {
    const auto& path = request.path;
    if (path == "/v1/images") {
        list(member, request, respond);
    } else if (path == "/v1/images/prune" && request.method == "POST") {
        prune(member, request, respond);
    } else if (path.starts_with(kImages)) {
        forget(member, request, path.substr(kImages.size()), respond);
    } else if (path == "/v1/uploads" || path.starts_with(kUploads)) {
        upload(member, request, path.substr(std::min(path.size(), kUploads.size())), respond);
    } else if (path.starts_with(kBlobs)) {
        blob(member, request, path.substr(kBlobs.size()), respond);
    } else {
        return false;
    }
    return true;
}

void ImageRoutes::pin(Member& member, agent::ClientJob job, const Member::Written& done,
                      const Respond& respond) {
    auto* keeper = member.image_keeper();
    if (keeper == nullptr) {
        // Others may hold images; this node only knows their names.
        const auto known = images::pinned_by_name(member.agent(), job.spec.container.image);
        if (known && !known->empty()) job.spec.container.image = *known;
        imply_ports(member.agent(), job.spec);
        member.submit(std::move(job), done);
        return;
    }
    const auto image = job.spec.container.image;
    keeper->resolve(
        image, [&member, job = std::move(job), done, respond](Result<std::string> meant) mutable {
            if (!meant) return respond(failure(meant.error()));
            job.spec.container.image = std::move(*meant);
            imply_ports(member.agent(), job.spec);
            member.submit(std::move(job), done);
        });
}

void ImageRoutes::list(const Member& member, const Request& request, const Respond& respond) {
    respond(request.method == "GET" ? answer(view_images(member.agent())) : bad_method(request));
}

// Only the name: what runs runs on, and the blobs go when nothing needs them.
void ImageRoutes::forget(Member& member, const Request& request, const std::string& name,
                         const Respond& respond) {
    if (request.method != "DELETE") return respond(bad_method(request));
    const auto wishes = wishes_of(request);
    if (!wishes) return respond(failure(wishes.error()));
    const auto reference = images::parse_reference(name);
    if (!reference) return respond(failure(reference.error()));
    const auto meant = images::named(member.agent(), reference->name);
    if (!meant) {
        return respond(
            not_found("there is no image '" + reference->name + "'", "shoal image ls lists them"));
    }
    if (const auto jobs = images::jobs_using(member.agent(), meant->digest); !jobs.empty()) {
        return respond(http::json_error(409, "conflict",
                                        "image '" + reference->name + "' is used by job " +
                                            jobs.front() + (jobs.size() > 1 ? " and others" : ""),
                                        "shoal rm " + jobs.front() + " first"));
    }
    member.write({.key = images::image_key(reference->name),
                  .submission = wishes->submission,
                  .wall = clock_.wall(),
                  .acks = wishes->acks},
                 [&member, respond, name = reference->name,
                  submission = wishes->submission](const store::WriteDone& done) {
                     respond(answer_write(member, submission, done, "name", name));
                 });
}

void ImageRoutes::prune(Member& member, const Request& /*request*/, const Respond& respond) {
    auto* keeper = member.image_keeper();
    if (keeper == nullptr) return respond(answer({{"removed", json::array()}, {"bytes", 0}}));
    if (member.uploads().is_loading()) {
        return respond(
            error(Errc::Unavailable, "an image is being loaded here; ask again when it is done"));
    }
    keeper->prune([respond](Result<images::Keeper::Pruned> gone) {
        respond(gone ? answer({{"removed", gone->digests}, {"bytes", gone->bytes}})
                     : failure(gone.error()));
    });
}

// ---- taking images in

void ImageRoutes::upload(Member& member, const Request& request, const std::string& rest,
                         const Respond& respond) {
    if (member.images() == nullptr) return respond(no_images());
    const bool post = request.method == "POST";
    if (rest.empty()) {
        if (!post) return respond(bad_method(request));
        const auto id = to_hex(SubmissionId{random_u64(), random_u64()});
        const auto begun = member.uploads().begin(id, steady_clock::now());
        return respond(begun ? answer({{"id", id}}, 201) : failure(begun.error()));
    }
    constexpr std::string_view kLoad = "/load";
    if (post && rest.ends_with(kLoad)) {
        return load(member, request, rest.substr(0, rest.size() - kLoad.size()), respond);
    }
    if (request.method == "PUT") return take_piece(member, request, rest, respond);
    if (request.method == "GET") return tell_progress(member, rest, respond);
    if (request.method != "DELETE") return respond(bad_method(request));
    member.uploads().drop(rest);
    respond(answer(json::object()));
}

void ImageRoutes::take_piece(Member& member, const Request& request, const std::string& id,
                             const Respond& respond) {
    const auto offset = number_of(request, "offset");
    if (!offset) return respond(error(Errc::Malformed, "offset: a whole number of bytes"));
    const auto size = member.uploads().write(id, *offset, request.body, steady_clock::now());
    respond(size ? answer({{"size", *size}}) : failure(size.error()));
}

void ImageRoutes::load(Member& member, const Request& request, const std::string& id,
                       const Respond& respond) {
    const auto body = body_of(request);
    if (!body) return respond(failure(body.error()));
    std::string name;
    if (const auto wished = body->find("name"); wished != body->end()) {
        if (!wished->is_string()) return respond(error(Errc::Malformed, "name: a text"));
        const auto reference = images::parse_reference(wished->get<std::string>());
        if (!reference) return respond(failure(reference.error()));
        if (!reference->digest.empty()) {
            return respond(error(Errc::Malformed, "name: without a digest"));
        }
        name = reference->name;
    }
    auto* found = member.uploads().find(id);
    if (found == nullptr) return respond(not_found("there is no upload " + id));
    if (found->state != images::Uploads::State::Receiving) {
        return respond(error(Errc::Conflict, "upload " + id + " is being loaded already"));
    }
    found->state = images::Uploads::State::Loading;
    // The answers below come from the loop, and only while the member lives.
    member.images()->load(
        found->path, name, [this, &member, id](Result<std::vector<HeldImage>> loaded) {
            if (loaded) return name_loaded(member, id, std::move(*loaded));
            spdlog::warn("an image cannot be loaded: {}", loaded.error().detail);
            member.uploads().loaded(id, fail(loaded.error()), steady_clock::now());
        });
    respond(answer({{"state", "loading"}}, 202));
}

void ImageRoutes::name_loaded(Member& member, const std::string& id,
                              std::vector<HeldImage> images) {
    // Told in the log before the name is, so that nobody looks for a holder in vain.
    member.image_keeper()->look([this, &member, id, images = std::move(images)]() mutable {
        std::make_shared<Naming>(member, clock_.wall(), std::move(images),
                                 [&member, id](Result<std::string> text) {
                                     member.uploads().loaded(id, std::move(text),
                                                             steady_clock::now());
                                 })
            ->next();
    });
}

void ImageRoutes::tell_progress(Member& member, const std::string& id, const Respond& respond) {
    using State = images::Uploads::State;
    const auto* upload = member.uploads().find(id);
    if (upload == nullptr) return respond(not_found("there is no upload " + id));
    if (upload->state == State::Failed) return respond(failure(upload->error));
    if (upload->state == State::Done) {
        return respond(answer({{"state", "done"}, {"images", json::parse(upload->answer)}}));
    }
    const bool loading = upload->state == State::Loading;
    respond(answer({{"state", loading ? "loading" : "receiving"}, {"size", upload->size}}));
}

void ImageRoutes::blob(Member& member, const Request& request, const std::string& digest,
                       const Respond& respond) {
    if (request.method != "GET") return respond(bad_method(request));
    if (member.images() == nullptr) return respond(no_images());
    const auto offset = number_of(request, "offset");
    const auto length = number_of(request, "length");
    if (!oci::is_digest(digest) || !offset || !length || *length > images::kPieceMax) {
        return respond(
            error(Errc::Malformed, "expected /v1/blobs/sha256:HEX?offset=N&length=N, at most " +
                                       std::to_string(images::kPieceMax) + " bytes"));
    }
    member.images()->read_blob(digest, *offset, *length, [respond](Result<Bytes> bytes) {
        if (!bytes) return respond(failure(bytes.error()));
        respond({.content_type = "application/octet-stream",
                 .body = std::string{bytes->begin(), bytes->end()}});
    });
}

}  // namespace shoal::host
