#include "node/host/logs/page.h"

#include "node/host/logs/layout.h"
#include "node/host/logs/lines.h"
#include "node/host/logs/log_stream.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

namespace shoal::host::logs {
namespace {

using placement::ContainerId;

// After that long without another byte, a line without an end is shown as it is: a prompt.
constexpr std::int64_t kQuietMs = 1'000;
// What a line costs besides its text: its names and its time, as JSON.
constexpr std::size_t kLineCost = 120;

// One stream while a page is made.
class Source {
public:
    Source(std::string path, ContainerId id, std::size_t stream, bool live, std::int64_t now_ms)
        : id_(std::move(id)), stream_(stream), log_(std::move(path)) {
        log_.note();
        const bool may_go_on = live && now_ms - log_.written_ms() < kQuietMs;
        unfinished_ = may_go_on ? Unfinished::Left : Unfinished::Given;
        at_ = log_.begin();
    }

    [[nodiscard]] const LogStream& log() const { return log_; }

    [[nodiscard]] const ContainerId& id() const { return id_; }

    [[nodiscard]] std::size_t stream() const { return stream_; }

    [[nodiscard]] std::uint64_t at() const { return at_; }

    void begin_at(std::uint64_t offset) { at_ = std::clamp(offset, log_.begin(), log_.end()); }

    void open() {
        reader_ = std::make_unique<LineReader>(log_, at_, unfinished_);
        advance();
    }

    [[nodiscard]] const std::optional<Piece>& head() const { return head_; }

    [[nodiscard]] std::int64_t head_ms() const { return head_ms_; }

    Line take() {
        Line out{id_, stream_, head_ms_, std::move(head_->text), !head_->ends_line};
        at_ = head_->next;
        advance();
        return out;
    }

private:
    void advance() {
        head_ = reader_->next();
        if (head_) head_ms_ = log_.time_of(head_->begin);
    }

    ContainerId id_;
    std::size_t stream_;
    LogStream log_;
    Unfinished unfinished_ = Unfinished::Given;
    std::uint64_t at_ = 0;
    std::unique_ptr<LineReader> reader_{};
    std::optional<Piece> head_{};
    std::int64_t head_ms_ = 0;
};

using Sources = std::vector<std::unique_ptr<Source>>;

// The containers asked for; of too many, those that wrote last.
std::vector<ContainerId> chosen(const std::string& root, const Question& question) {
    auto all = containers_of(root, question.job);
    std::erase_if(all,
                  [&](const auto& id) { return question.slot && id.slot.index != *question.slot; });
    if (all.size() <= kContainersMax) return all;
    std::vector<std::pair<std::int64_t, ContainerId>> by_age;
    for (auto& id : all) {
        by_age.emplace_back(last_written(root, id), std::move(id));
    }
    std::sort(by_age.begin(), by_age.end(), std::greater{});
    by_age.resize(kContainersMax);
    all.clear();
    for (auto& [written, id] : by_age) {
        all.push_back(std::move(id));
    }
    std::sort(all.begin(), all.end());
    return all;
}

void start_at_cursor(Sources& sources, const Cursor& cursor, Page& page) {
    for (auto& source : sources) {
        const auto found = cursor.find({source->id().slot.index, source->id().epoch});
        if (found == cursor.end()) continue;  // New since then: all of it.
        const auto wanted = found->second.at(source->stream());
        source->begin_at(wanted);
        if (wanted < source->at()) {
            page.gaps.push_back({source->id(), source->stream(), source->at() - wanted});
        }
    }
}

void start_at_time(Sources& sources, std::int64_t since_ms) {
    for (auto& source : sources) {
        const auto& log = source->log();
        source->begin_at(line_from(log, log.offset_since(since_ms)));
    }
}

// The last lines of all streams together: so many of each first, and of these the latest.
void start_at_tail(Sources& sources, std::size_t count) {
    std::vector<std::tuple<std::int64_t, std::size_t, std::uint64_t>> lines;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        auto& source = *sources[i];
        for (const auto begin : last_lines(source.log(), count)) {
            if (begin >= source.at()) lines.emplace_back(source.log().time_of(begin), i, begin);
        }
        source.begin_at(source.log().end());
    }
    std::sort(lines.begin(), lines.end());
    const auto skipped = lines.size() > count ? lines.size() - count : 0;
    for (std::size_t k = skipped; k < lines.size(); ++k) {
        const auto& [ms, i, begin] = lines[k];
        if (begin < sources[i]->at()) sources[i]->begin_at(begin);
    }
}

// As JSON, at most: a control character takes six bytes, what is not UTF-8 three.
std::size_t cost_of(std::string_view text) {
    std::size_t out = kLineCost + text.size();
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) out += 5;
        if (byte >= 0x80) out += 2;
        if (c == '"' || c == '\\') out += 1;
    }
    return out;
}

void merge(Sources& sources, std::size_t page_max, Page& page) {
    for (auto& source : sources) {
        source->open();
    }
    for (std::size_t cost = 0;;) {
        Source* first = nullptr;
        for (auto& source : sources) {
            if (source->head() && (first == nullptr || source->head_ms() < first->head_ms())) {
                first = source.get();
            }
        }
        if (first == nullptr) return;
        cost += cost_of(first->head()->text);
        page.more = cost > page_max && !page.lines.empty();
        if (page.more) return;
        page.lines.push_back(first->take());
    }
}

}  // namespace

Page read_page(const std::string& root, const Question& question, const Containers& live,
               std::int64_t now_ms) {
    Page page;
    Sources sources;
    for (const auto& id : chosen(root, question)) {
        const bool lives = live.contains(id);
        Known known{.id = id, .live = lives};
        for (std::size_t stream = 0; stream < kStreams.size(); ++stream) {
            auto source = std::make_unique<Source>(folder_of(root, id) + kStreams[stream], id,
                                                   stream, lives, now_ms);
            known.bytes[stream] = source->log().end() - source->log().begin();
            known.written_ms = std::max(known.written_ms, source->log().written_ms());
            sources.push_back(std::move(source));
        }
        page.containers.push_back(std::move(known));
    }
    if (question.cursor) {
        start_at_cursor(sources, *question.cursor, page);
    } else {
        if (question.since_ms) start_at_time(sources, *question.since_ms);
        if (question.tail) start_at_tail(sources, *question.tail);
    }
    merge(sources, question.page_max, page);
    for (const auto& source : sources) {
        page.next[{source->id().slot.index, source->id().epoch}].at(source->stream()) =
            source->at();
    }
    return page;
}

}  // namespace shoal::host::logs
