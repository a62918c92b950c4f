extension GoodsError {
  package var text: Text {
    switch self {
    case .short, .notBelowZero, .quantity, .nothingToDo, .moreThanTheEvent, .tooLarge:
      quantityText
    case .unknownItem, .ambiguousItem, .itemExists, .unknownPlace, .unknownLot, .unknownEvent,
      .unknownHandOut, .unknownDonor:
      namingText
    case .notAKit, .kitOfKits, .noDefinition, .movedSinceDrawn, .countedTwice, .sameValue:
      kitAndCountText
    default: ruleText
    }
  }

  private var quantityText: Text {
    switch self {
    case .short(let shortages, let place):
      Text(
        "“\(place)”存量不足，没有写入任何内容："
          + shortages.map { "\($0.item) 需 \($0.wanted)，现有 \($0.present)，缺 \($0.missing)" }
          .joined(separator: "；") + "。请减少数量，或先入库、移库。",
        "Too little in “\(place)”, and nothing was written: "
          + shortages.map {
            "\($0.item): \($0.wanted) wanted, \($0.present) there, \($0.missing) missing"
          }.joined(separator: "; ") + ". Take fewer, or receive or move some first.")
    case .notBelowZero:
      Text(
        "存量不足：物品已被发放、移走或核销。请用 yibang goods stock 查看。",
        "Too little in stock: the goods were handed out, moved or written off. See "
          + "yibang goods stock.")
    case .quantity:
      Text("数量必须是大于零的整数，且不超过十亿。", "A quantity is a whole number from 1 to a billion.")
    case .nothingToDo:
      Text("没有要办理的物品。请写明物品和数量。", "There are no goods to act on. Name items and quantities.")
    case .moreThanTheEvent(let left):
      Text(
        "不能超过原来的数量：还可冲正 \(left)。",
        "Not more than the event itself: \(left) can still be taken back.")
    default: Text("数量或金额过大。", "The quantity or amount is too large.")
    }
  }

  private var namingText: Text {
    switch self {
    case .unknownItem(let name):
      Text(
        "没有物品“\(name)”。可用 yibang goods item 查看或登记。",
        "There is no item “\(name)”. See or add it with yibang goods item.")
    case .ambiguousItem(let name, let units):
      Text(
        "物品“\(name)”有几种单位：\(units.joined(separator: "、"))。请写成 \(name)/\(units.first ?? "")。",
        "The item “\(name)” is kept in several units: \(units.joined(separator: ", ")). "
          + "Write \(name)/\(units.first ?? "").")
    case .itemExists(let name):
      Text("物品“\(name)”已登记为另一类别。", "The item “\(name)” is there already, of another kind.")
    case .unknownPlace(let name):
      Text(
        "没有存放点“\(name)”。可用 yibang goods place 查看或登记。",
        "There is no place “\(name)”. See or add it with yibang goods place.")
    case .unknownLot(let id):
      Text(
        "没有批次 \(id.lowercase)。可用 yibang goods stock 查看。",
        "There is no lot \(id.lowercase). See yibang goods stock.")
    case .unknownEvent(let id):
      Text(
        "没有物资记录 \(id.lowercase)。可用 yibang goods card 查看。",
        "There is no event \(id.lowercase). See yibang goods card.")
    case .unknownHandOut(let id):
      Text(
        "没有发放记录 \(id.lowercase)。可用 yibang goods open 查看。",
        "There is no hand-out \(id.lowercase). See yibang goods open.")
    default:
      Text("没有这位捐赠人。可用 yibang donor list 查看。", "There is no such donor. See yibang donor list.")
    }
  }

  private var kitAndCountText: Text {
    switch self {
    case .notAKit(let name):
      Text("“\(name)”的类别不是组合包。", "“\(name)” is no kit: its kind is another.")
    case .kitOfKits(let name):
      Text("组合包里不能再放组合包（\(name)）。", "A kit holds no other kit (\(name)).")
    case .noDefinition(let name):
      Text(
        "“\(name)”还没有规定内容，请先 yibang goods kit。",
        "Nobody has said what “\(name)” holds. Say it first with yibang goods kit.")
    case .movedSinceDrawn(let item, let events):
      Text(
        "盘点表开出后“\(item)”有变动：\(events.joined(separator: "；"))。请重新开表盘点，没有写入任何内容。",
        "“\(item)” has moved since the count sheet was drawn: \(events.joined(separator: "; ")). "
          + "Draw a new sheet and count again; nothing was written.")
    case .countedTwice(let item):
      Text("“\(item)”盘点了两次。每种物品只写一行。", "“\(item)” is counted twice. Write one line an item.")
    default:
      Text("估价没有变化。", "The value is what it was.")
    }
  }

  private var ruleText: Text {
    switch self {
    case .reasonMissing(let item):
      Text(
        item.isEmpty ? "请写明原因（--reason）。" : "“\(item)”有差异，请写明原因。",
        item.isEmpty ? "Give a reason (--reason)." : "“\(item)” differs: give the reason.")
    case .semesterClosed:
      Text("学期未开启或已结账，物资不能入账。", "The semester is closed or unknown: no goods move in it.")
    case .dateOutsideSemester:
      Text("日期不在该学期内。请核对日期或学期。", "The date is not in the semester. Check date and semester.")
    case .otherSchool:
      Text("物资只能在同一学校（或区）的存放点之间办理。", "Goods stay with one school, or with the district's stores.")
    case .notBeforeReceipt:
      Text("日期早于该批次的入库日期。", "The date is before these goods were received.")
    case .pupilOfOtherSchool:
      Text("该学生不在此存放点所属的学校。", "The pupil is not of the school that keeps this place.")
    case .signedBefore(let id):
      Text("发放记录 \(id.lowercase) 已经签收。", "The hand-out \(id.lowercase) is signed already.")
    case .kitLot:
      Text(
        "组合包的价值是其组成物品之和，请为物品估价。",
        "A kit is worth what it is made of: appraise the lots of its components.")
    case .givenTwice:
      Text("同一学生的同一物品在一次发放中只写一行。", "Write one line a pupil and item in one hand-out.")
    case .signatureIncomplete:
      Text(
        "签收不完整：代签须写明与学生的关系，签收日期不能早于发放日期。",
        "The signature is incomplete: another signer's relation is needed, and it is not dated "
          + "before the hand-out.")
    case .notReversible(let id, let kind):
      Text(
        "记录 \(id.lowercase) 是\(kind.name.zh)，不能再冲正。请重新办理。",
        "The event \(id.lowercase) (\(kind.name.en)) cannot be taken back. Do it anew.")
    case .oneLineOnly:
      Text(
        "部分冲正须指明一种物品（--item）或一条发放记录（--hand-out）。",
        "To take back a part, name one item (--item) or one hand-out (--hand-out).")
    default: Text("办理不了。", "This cannot be done.")
    }
  }
}
