#include "node/host/network/nft.h"

#include "node/host/network/netlink.h"
#include "node/host/network/program.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace shoal::network {
namespace {

constexpr const char* kProgram = "nft";

// The first line says what is wrong, the rest quotes our own text.
std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

Result<Ran> run_nft(const std::vector<std::string>& words, const std::string& input) {
    auto ran = run_program(words, input);
    if (!ran && ran.error().code == Errc::NotFound) {
        return fail(Errc::NotFound,
                    ran.error().detail + "; published ports need it (package nftables)");
    }
    return ran;
}

}  // namespace

Result<void> nft_apply(const std::string& text) {
    const auto ran = run_nft({kProgram, "-f", "-"}, text);
    if (!ran) return fail(ran.error());
    if (ran->status == 0) return {};
    return fail(Errc::Io, "nft refused a transaction: " + first_line(ran->err));
}

Result<std::string> nft_list(const std::vector<std::string>& words) {
    std::vector<std::string> all{kProgram, "-j", "-a", "-n"};
    std::string doing = "nft";
    all.insert(all.end(), words.begin(), words.end());
    for (const std::string& word : words)
        doing += " " + word;
    auto ran = run_nft(all, {});
    if (!ran) return fail(ran.error());
    if (ran->status == 0) return std::move(ran->out);
    const bool missing = ran->err.find("No such file or directory") != std::string::npos;
    return fail(missing ? Errc::NotFound : Errc::Io, doing + ": " + first_line(ran->err));
}

Result<std::uint32_t> nft_generation() {
    auto kernel = Netlink::netfilter();
    if (!kernel) return fail(kernel.error());
    constexpr auto kType = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8U | NFT_MSG_GETGEN);
    Message question{kType, 0};
    const auto replies = kernel->ask(question.fixed(nfgenmsg{0, NFNETLINK_V0, 0}),
                                     "asking for the generation of nft");
    if (!replies) return fail(replies.error());
    for (const Reply& reply : *replies) {
        const auto found = attributes_after<nfgenmsg>(reply.payload).u32_network(NFTA_GEN_ID);
        if (found) return *found;
    }
    return fail(Errc::Malformed, "asking for the generation of nft: the kernel did not say");
}

}  // namespace shoal::network
