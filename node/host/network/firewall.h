// The node's nft tables and its rules in tables of others: installed, kept up to date, restored.
//
// It keeps no list of what is published; the caller says so every time and remembers.
#pragma once

#include "node/host/network/listing.h"
#include "node/host/network/rules.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shoal::network {

class Firewall {
public:
    Firewall(Names names, Subnet subnet, std::vector<Ipv4> members)
        : names_(std::move(names)), subnet_(subnet), members_(std::move(members)) {}

    // The whole table anew, in one transaction; existing connections do not notice.
    [[nodiscard]] Result<void> install(const std::vector<Mapping>& all);

    // `all` is what shall be there afterwards. It is installed as a whole if the smaller change
    // fails, which it does when somebody flushed the tables.
    [[nodiscard]] Result<void> publish(const std::vector<Mapping>& fresh,
                                       const std::vector<Mapping>& all);
    [[nodiscard]] Result<void> withdraw(const std::vector<Mapping>& gone,
                                        const std::vector<Mapping>& all);

    // Whom ports for members alone answer; sorted.
    [[nodiscard]] Result<void> set_members(std::vector<Ipv4> members,
                                           const std::vector<Mapping>& all);

    // The table of services (service_rules.h), in place of the one there is.
    [[nodiscard]] Result<void> set_services(std::string text);

    // Restores what others removed and says what that was. Costs microseconds as long as nobody
    // changed any table since the last check that found nothing.
    [[nodiscard]] Result<std::vector<std::string>> check(std::vector<Mapping> all);

    // What may drop our packets and is not ours to change; as of the last check.
    [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }

    // Removes the tables and the rules elsewhere; returns what there was.
    [[nodiscard]] static Result<std::vector<std::string>> clear(const Names& names);

private:
    [[nodiscard]] Result<void> check_table(bool there, const std::vector<Mapping>& all,
                                           std::vector<std::string>& restored);
    [[nodiscard]] Result<void> check_foreign(const std::vector<ForeignChain>& chains,
                                             std::vector<std::string>& restored) const;
    [[nodiscard]] Result<void> check_services(bool there, std::vector<std::string>& restored);
    void take_notice(const ChainsListing& chains);

    Names names_;
    Subnet subnet_;
    std::vector<Ipv4> members_;
    std::string services_;                          // as it was set; empty: not yet, by this run
    std::string services_listed_;                   // how nft lists that
    std::optional<std::uint32_t> good_generation_;  // of the tables when a check found nothing
    std::vector<std::string> notices_;
};

}  // namespace shoal::network
