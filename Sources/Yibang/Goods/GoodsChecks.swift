import Postgres

extension Goods {
  /// Integrity checks on live data. Each gives a row where something does not add up: `subject` text,
  /// `expected` bigint, `found` bigint; none where all is well. They read what their session may see.
  package static let checks: [Check] = [
    Check(
      "goods.stock_equals_lines", Text("存量等于各次变动之和", "stock equals the sum of its lines"),
      """
      select 'lot ' || s.lot_id || ' at ' || s.place_id, coalesce(l.quantity, 0), s.quantity
      from stock s
      left join (
        select district_id, lot_id, place_id, sum(quantity)::bigint as quantity,
          sum(value_fen)::bigint as value_fen
        from stock_line group by 1, 2, 3
      ) l using (district_id, lot_id, place_id)
      where s.quantity <> coalesce(l.quantity, 0)
      union all
      select 'value of lot ' || s.lot_id || ' at ' || s.place_id, coalesce(l.value_fen, 0),
        s.value_fen
      from stock s
      left join (
        select district_id, lot_id, place_id, sum(value_fen)::bigint as value_fen
        from stock_line group by 1, 2, 3
      ) l using (district_id, lot_id, place_id)
      where s.value_fen <> coalesce(l.value_fen, 0)
      """
    ),
    Check(
      "goods.items_equal_lots", Text("存放点的总数等于各批次之和", "an item's total equals its lots"),
      """
      select 'item ' || i.item_id || ' at ' || i.place_id, coalesce(s.quantity, 0), i.quantity
      from stock_item i
      left join (
        select district_id, place_id, item_id, sum(quantity)::bigint as quantity
        from stock group by 1, 2, 3
      ) s using (district_id, place_id, item_id)
      where i.quantity <> coalesce(s.quantity, 0)
      union all
      select 'semesters of item ' || i.item_id || ' at ' || i.place_id, coalesce(t.quantity, 0),
        i.quantity
      from stock_item i
      left join (
        select district_id, place_id, item_id, sum(came - went)::bigint as quantity
        from stock_semester group by 1, 2, 3
      ) t using (district_id, place_id, item_id)
      where i.quantity <> coalesce(t.quantity, 0)
      """
    ),
    Check(
      "goods.not_below_zero", Text("存量不为负", "no stock is below zero"),
      """
      select 'lot ' || lot_id || ' at ' || place_id, 0::bigint, quantity from stock
      where quantity < 0
      """
    ),
    Check(
      "goods.lot_equals_receipt", Text("批次数量等于入库数量", "a lot is what was received"),
      """
      select 'lot ' || o.id, o.quantity, coalesce(l.quantity, 0)
      from goods_lot o
      left join (
        select district_id, event_id, lot_id, sum(quantity)::bigint as quantity
        from stock_line where quantity > 0 and of_event is null group by 1, 2, 3
      ) l on l.district_id = o.district_id and l.event_id = o.event_id and l.lot_id = o.id
      where o.quantity <> coalesce(l.quantity, 0)
      """
    ),
    Check(
      "goods.lot_value", Text("批次价值等于各处价值之和", "a lot is worth what its pieces are worth"),
      """
      select 'lot ' || o.id, coalesce(o.value_fen, 0),
        coalesce(s.value_fen, 0) + coalesce(g.value_fen, 0)
      from goods_lot o
      left join (
        select district_id, lot_id, sum(value_fen)::bigint as value_fen from stock group by 1, 2
      ) s on s.district_id = o.district_id and s.lot_id = o.id
      left join (
        select l.district_id, l.lot_id, -sum(l.net_value_fen)::bigint as value_fen
        from stock_line l
        join goods_event e on e.district_id = l.district_id and e.id = l.event_id
        where l.of_event is null and l.quantity < 0 and e.kind <> 'move'
        group by 1, 2
      ) g on g.district_id = o.district_id and g.lot_id = o.id
      where coalesce(o.value_fen, 0) <> coalesce(s.value_fen, 0) + coalesce(g.value_fen, 0)
      """
    ),
    Check(
      "goods.lot_goes_somewhere", Text("批次的每一件都有去处", "every piece of a lot is somewhere"),
      """
      select 'lot ' || o.id, n.net, coalesce(s.quantity, 0) + coalesce(g.quantity, 0)
      from goods_lot o
      join lateral (
        select l.net_quantity as net from stock_line l
        where l.district_id = o.district_id and l.event_id = o.event_id and l.lot_id = o.id
          and l.quantity > 0 and l.of_event is null
      ) n on true
      left join (
        select district_id, lot_id, sum(quantity)::bigint as quantity from stock group by 1, 2
      ) s on s.district_id = o.district_id and s.lot_id = o.id
      left join (
        select l.district_id, l.lot_id, -sum(l.net_quantity)::bigint as quantity
        from stock_line l
        join goods_event e on e.district_id = l.district_id and e.id = l.event_id
        where l.of_event is null and l.quantity < 0 and e.kind <> 'move'
        group by 1, 2
      ) g on g.district_id = o.district_id and g.lot_id = o.id
      where n.net <> coalesce(s.quantity, 0) + coalesce(g.quantity, 0)
      """
    ),
    Check(
      "goods.kit_holds_components", Text("组合包与所耗物品相符", "kits hold what went into them"),
      """
      select 'item ' || c.item_id || ' in kits ' || o.id, c.quantity * n.net, coalesce(u.quantity, 0)
      from goods_lot o
      join goods_kit_component c on c.district_id = o.district_id and c.kit_id = o.kit_id
      join lateral (
        select l.net_quantity as net from stock_line l
        where l.district_id = o.district_id and l.event_id = o.event_id and l.lot_id = o.id
          and l.quantity > 0 and l.of_event is null
      ) n on true
      left join (
        select district_id, into_lot, item_id, -sum(net_quantity)::bigint as quantity
        from stock_line where into_lot is not null and of_event is null group by 1, 2, 3
      ) u on u.district_id = o.district_id and u.into_lot = o.id and u.item_id = c.item_id
      where o.kit_id is not null and c.quantity * n.net <> coalesce(u.quantity, 0)
      union all
      select 'value of kits ' || o.id, coalesce(u.value_fen, 0), coalesce(o.value_fen, 0)
      from goods_lot o
      left join (
        select district_id, into_lot, -sum(net_value_fen)::bigint as value_fen
        from stock_line where into_lot is not null and of_event is null group by 1, 2
      ) u on u.district_id = o.district_id and u.into_lot = o.id
      where o.kit_id is not null and coalesce(u.value_fen, 0) <> coalesce(o.value_fen, 0)
      """
    ),
    Check(
      "goods.net_equals_lines", Text("冲正后的余数相符", "what is left of a line fits what was taken back"),
      """
      select 'line ' || l.number || ' of ' || l.event_id, l.quantity + coalesce(t.quantity, 0),
        l.net_quantity
      from stock_line l
      left join (
        select district_id, of_event, of_number, sum(quantity)::bigint as quantity
        from stock_line where of_event is not null group by 1, 2, 3
      ) t on t.district_id = l.district_id and t.of_event = l.event_id and t.of_number = l.number
      where l.of_event is null and l.net_quantity <> l.quantity + coalesce(t.quantity, 0)
      """
    ),
    Check(
      "goods.hand_outs_left_stock", Text("发放数量等于出库数量", "what pupils got left the stock"),
      """
      select 'hand-out ' || h.id, h.quantity, coalesce(l.quantity, 0)
      from goods_hand_out h
      left join (
        select district_id, hand_out_id, -sum(quantity)::bigint as quantity
        from stock_line where hand_out_id is not null and of_event is null group by 1, 2
      ) l on l.district_id = h.district_id and l.hand_out_id = h.id
      where h.quantity <> coalesce(l.quantity, 0)
      """
    ),
  ]
}
