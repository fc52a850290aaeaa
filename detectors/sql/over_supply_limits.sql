-- What the model of peers says, as a table: for each kind of peers what they hold, and the least `beyond` that is rare.
SELECT
    unnest($item_code::VARCHAR[]) AS item_code, unnest($disease::VARCHAR[]) AS disease, unnest($age::VARCHAR[]) AS age,
    unnest($months::VARCHAR[]) AS months, unnest($peers_hold::DOUBLE[]) AS peers_hold,
    unnest($least_rare::INTEGER[]) AS least_rare
