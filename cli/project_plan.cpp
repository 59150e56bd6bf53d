#include "cli/project_plan.h"

#include "cli/job.h"
#include "node/compose/render.h"

#include <algorithm>
#include <utility>

namespace shoal::cli {
namespace {

std::string label_of(const Json& job, const char* label) {
    return text_at(member(job, "labels"), label);
}

const Json* find_job(const std::vector<Json>& jobs, const std::string& name) {
    const auto found = std::find_if(jobs.begin(), jobs.end(),
                                    [&](const Json& job) { return text_at(job, "name") == name; });
    return found == jobs.end() ? nullptr : &*found;
}

// "web" as it was written and "web:latest@sha256:..." as a node answers, while web is still that.
// Taken for another where in doubt: writing the same again changes nothing.
bool is_same_image(const std::string& wanted, const std::string& existing, const Digests& digests) {
    if (wanted == existing) return true;
    const auto at = existing.find('@');
    if (at == std::string::npos || wanted.find('@') != std::string::npos) return false;
    const auto name = existing.substr(0, at);
    if (name != wanted && name != wanted + ":latest") return false;
    const auto now = digests.find(name);
    return now == digests.end() || now->second == existing.substr(at + 1);
}

// No node tells what is in a file, only its digest.
Json without_content(Json files) {
    for (auto& file : files) {
        file.erase("content_base64");
    }
    return files;
}

// Members in whatever order.
bool is_same(const Json& a, const Json& b) {
    return nlohmann::json(a) == nlohmann::json(b);
}

// Every member we say stands there already; what else a node knows of the job is its own.
bool is_as_wanted(const Json& wanted, const Json& existing, const Digests& digests) {
    for (const auto& item : wanted.items()) {
        if (item.key() == "image") continue;
        const auto& there = member(existing, item.key().c_str());
        const auto said = item.key() == "files" ? without_content(item.value()) : item.value();
        if (!is_same(said, there)) return false;
    }
    if (!is_same_image(text_at(wanted, "image"), text_at(existing, "image"), digests)) return false;
    return !is_set(existing, "conflict");
}

}  // namespace

std::string_view to_string(Step::Kind kind) {
    switch (kind) {
        case Step::Kind::Create:
            return "create";
        case Step::Kind::Change:
            return "change";
        case Step::Kind::Keep:
            return "keep";
        case Step::Kind::Remove:
            return "remove";
    }
    return "keep";
}

bool belongs_to(const Json& job, const std::string& project) {
    return label_of(job, compose::kProjectLabel) == project;
}

Outcome<std::vector<Json>> jobs_of_project(Context& context, const std::string& project) {
    const auto wanted = "look at project '" + project + "'";
    const auto all = context.client.call({.wanted = wanted, .path = "/v1/jobs"});
    if (!all) return failed(all.error());
    std::vector<Json> out;
    for (const auto& name : texts_of(all->body, "name")) {
        if (!name.starts_with(project + "/")) continue;
        auto job = context.client.call({.wanted = wanted, .path = job_path(name)});
        if (!job) return failed(job.error());
        out.push_back(std::move(job->body));
    }
    return out;
}

Outcome<Digests> digests_for(Context& context, const std::vector<Json>& jobs) {
    Digests out;
    const bool pinned = std::any_of(jobs.begin(), jobs.end(), [](const Json& job) {
        return text_at(job, "image").find('@') != std::string::npos;
    });
    if (!pinned) return out;
    const auto images = context.client.call({.wanted = "list the images", .path = "/v1/images"});
    if (!images) return failed(images.error());
    for (const auto& image : images->body) {
        out[text_at(image, "name")] = text_at(image, "digest");
    }
    return out;
}

Outcome<void> check_folder(const std::vector<Json>& existing, const std::string& project,
                           const std::string& folder) {
    for (const auto& job : existing) {
        const auto other = label_of(job, compose::kFolderLabel);
        if (!belongs_to(job, project) || other.empty() || other == folder) continue;
        return failed(
            {Exit::Conflict, "touch project '" + project + "'",
             "it was brought up from another folder of that name, " + other,
             "-p NAME for a project of its own; -p " + project + " if they are the same"});
    }
    return {};
}

Outcome<std::vector<Step>> plan_project(const std::vector<Json>& wanted,
                                        const std::vector<Json>& existing, const Digests& digests,
                                        const std::string& project) {
    std::vector<Step> out;
    for (const auto& job : wanted) {
        const auto name = text_at(job, "name");
        const auto* there = find_job(existing, name);
        if (there == nullptr) {
            out.push_back({.kind = Step::Kind::Create, .name = name, .job = job});
            continue;
        }
        if (!belongs_to(*there, project)) {
            return failed(
                {Exit::Conflict, "bring up project '" + project + "'",
                 "job '" + name + "' exists and is not of this project",
                 "shoal inspect " + name + "; shoal rm " + name + ", or another -p NAME"});
        }
        const auto kind =
            is_as_wanted(job, *there, digests) ? Step::Kind::Keep : Step::Kind::Change;
        out.push_back({kind, name, job, count_at(*there, "generation"), *there});
    }
    for (const auto& job : existing) {
        const auto name = text_at(job, "name");
        if (find_job(wanted, name) != nullptr || !belongs_to(job, project)) continue;
        out.push_back({Step::Kind::Remove, name, job, count_at(job, "generation"), job});
    }
    return out;
}

bool changes_anything(const std::vector<Step>& steps) {
    return std::any_of(steps.begin(), steps.end(),
                       [](const Step& step) { return step.kind != Step::Kind::Keep; });
}
}  // namespace shoal::cli
