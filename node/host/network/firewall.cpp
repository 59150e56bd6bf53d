#include "node/host/network/firewall.h"

#include "node/host/network/files.h"
#include "node/host/network/nft.h"

#include <algorithm>

namespace shoal::network {
namespace {

Result<ChainsListing> list_chains(const Names& names) {
    const auto text = nft_list({"list", "chains"});
    if (!text) return fail(text.error());
    return read_chains(*text, names);
}

// Empty if the chain went away meanwhile.
Result<TaggedRules> list_tagged(const ForeignChain& chain, const Names& names) {
    const auto text = nft_list({"list", "chain", "ip", "filter", chain.name});
    if (!text && text.error().code == Errc::NotFound) return TaggedRules{};
    if (!text) return fail(text.error());
    return read_tagged(*text, names);
}

Result<std::string> list_services(const Names& names) {
    return nft_list({"list", "table", "ip", names.services});
}

}  // namespace

Result<void> Firewall::install(const std::vector<Mapping>& all) {
    return nft_apply(table_text(names_, subnet_, all, members_));
}

Result<void> Firewall::set_members(std::vector<Ipv4> members, const std::vector<Mapping>& all) {
    if (members == members_) return {};
    members_ = std::move(members);
    if (nft_apply(members_text(names_, members_))) return {};
    return install(all);
}

Result<void> Firewall::set_services(std::string text) {
    if (auto applied = nft_apply(text); !applied) return applied;
    services_ = std::move(text);
    auto listed = list_services(names_);
    if (!listed) return fail(listed.error());
    services_listed_ = std::move(*listed);
    return {};
}

Result<void> Firewall::publish(const std::vector<Mapping>& fresh, const std::vector<Mapping>& all) {
    if (fresh.empty() || nft_apply(add_text(names_, fresh))) return {};
    return install(all);
}

Result<void> Firewall::withdraw(const std::vector<Mapping>& gone, const std::vector<Mapping>& all) {
    if (gone.empty() || nft_apply(delete_text(names_, gone))) return {};
    return install(all);
}

Result<std::vector<std::string>> Firewall::check(std::vector<Mapping> all) {
    const auto generation = nft_generation();
    if (!generation) return fail(generation.error());
    if (good_generation_ == *generation) return std::vector<std::string>{};
    good_generation_.reset();
    const auto chains = list_chains(names_);
    if (!chains) return fail(chains.error());
    take_notice(*chains);
    std::vector<std::string> restored;
    std::ranges::sort(all);
    if (auto checked = check_services(chains->services, restored); !checked) {
        return fail(checked.error());
    }
    if (auto checked = check_table(chains->ours, all, restored); !checked) {
        return fail(checked.error());
    }
    if (auto checked = check_foreign(chains->foreign, restored); !checked) {
        return fail(checked.error());
    }
    // Asked before looking: what changes while we look is looked at again next time.
    if (restored.empty()) good_generation_ = *generation;
    return restored;
}

Result<void> Firewall::check_table(bool there, const std::vector<Mapping>& all,
                                   std::vector<std::string>& restored) {
    if (!there) {
        restored.push_back("nft table ip " + names_.table + " was gone");
        return install(all);
    }
    const auto text = nft_list({"list", "table", "ip", names_.table});
    if (!text) return fail(text.error());
    const auto listing = read_table(*text);
    if (!listing) return fail(listing.error());
    const auto wrong = differences(*listing, all, members_);
    if (wrong.empty()) return {};
    for (const std::string& what : wrong) {
        restored.push_back("nft table ip " + names_.table + ": " + what);
    }
    return install(all);
}

// Nobody but us writes there, so that it is as we left it says enough.
Result<void> Firewall::check_services(bool there, std::vector<std::string>& restored) {
    if (services_.empty()) return {};
    if (there) {
        const auto listed = list_services(names_);
        if (!listed && listed.error().code != Errc::NotFound) return fail(listed.error());
        if (listed && *listed == services_listed_) return {};
    }
    restored.push_back("nft table ip " + names_.services +
                       (there ? " had been changed" : " was gone"));
    return set_services(services_);
}

Result<void> Firewall::check_foreign(const std::vector<ForeignChain>& chains,
                                     std::vector<std::string>& restored) const {
    for (const ForeignChain& chain : chains) {
        const auto ours = list_tagged(chain, names_);
        if (!ours) return fail(ours.error());
        if (ours->accepts_from && ours->accepts_to) continue;
        restored.push_back("chain " + chain.name + " of ip filter did not accept packets of " +
                           names_.bridge);
        // Half of it may be left.
        const std::string text =
            delete_rules_text(chain, ours->handles) + accept_text(names_, chain);
        if (auto applied = nft_apply(text); !applied) return applied;
    }
    return {};
}

void Firewall::take_notice(const ChainsListing& chains) {
    notices_.clear();
    for (const std::string& chain : chains.may_block) {
        notices_.push_back("chain " + chain + " drops what it does not know; if published ports " +
                           "do not answer, accept " + names_.bridge + " there");
    }
    // The older iptables keeps tables that nft does not see.
    const auto legacy = read_file("/proc/net/ip_tables_names");
    if (legacy && legacy->find("filter") != std::string::npos) {
        notices_.push_back(
            "iptables-legacy has a filter table; if published ports do not answer, "
            "accept " +
            names_.bridge + " in its FORWARD chain");
    }
}

Result<std::vector<std::string>> Firewall::clear(const Names& names) {
    std::vector<std::string> cleared;
    const auto chains = list_chains(names);
    // Without the program nothing was ever installed.
    if (!chains && chains.error().code == Errc::NotFound) return cleared;
    if (!chains) return fail(chains.error());
    std::string text;
    for (const ForeignChain& chain : chains->foreign) {
        const auto ours = list_tagged(chain, names);
        if (!ours) return fail(ours.error());
        if (ours->handles.empty()) continue;
        text += delete_rules_text(chain, ours->handles);
        cleared.push_back("rules in chain " + chain.name + " of ip filter");
    }
    if (chains->ours) {
        text += delete_table_text(names.table);
        cleared.push_back("nft table ip " + names.table);
    }
    if (chains->services) {
        text += delete_table_text(names.services);
        cleared.push_back("nft table ip " + names.services);
    }
    if (text.empty()) return cleared;
    if (auto applied = nft_apply(text); !applied) return fail(applied.error());
    return cleared;
}

}  // namespace shoal::network
