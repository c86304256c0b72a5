-- The extension behind a customer's number. Null where there is none, and for bookings made before.
ALTER TABLE booking ADD COLUMN phone_extension text;
-- Checked for new rows at once, and for all in the next migration, which does not keep the table.
ALTER TABLE booking ADD CONSTRAINT booking_phone_extension_check CHECK (phone_extension ~ '^[0-9]{1,20}$') NOT VALID;
